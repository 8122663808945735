(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Drawing a word i_1 ... i_q index by index, each with the probability N_t(i)/Σ_j N_t(j) that the
   marginal sums N_t of a nonnegative tensor T give it, draws the word with probability T/Σ T. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section SequentialSampler.
Variables (R : realFieldType) (I : finType) (T : seq I -> R).
Hypothesis T_ge0 : forall u, 0 <= T u.

(* The marginal sum: Σ T(u v) over all words v of length r. *)
Definition marginal (r : nat) (u : seq I) : R := \sum_(v : r.-tuple I) T (u ++ v).

(* The product of N_t(i_t)/Σ_j N_t(j) over the letters i_t of v, after the prefix u, where N_t(i) is
   the marginal sum of the words that go on with i. *)
Fixpoint sequential (u v : seq I) : R :=
  if v is i :: v' then
    marginal (size v') (rcons u i) / (\sum_j marginal (size v') (rcons u j))
    * sequential (rcons u i) v'
  else 1.

Lemma marginal0 u : marginal 0 u = T u.
Proof.
rewrite /marginal (bigD1 [tuple]) //= big1 ?addr0 ?cats0 // => v /eqP[].
exact: tuple0.
Qed.

Lemma marginalS r u : marginal r.+1 u = \sum_i marginal r (rcons u i).
Proof.
rewrite /marginal pair_big /=.
rewrite (reindex (fun iv : I * r.-tuple I => [tuple of iv.1 :: iv.2])) /=.
  by apply: eq_bigr => -[i v] _; rewrite cat_rcons.
exists (fun v => (thead v, [tuple of behead v])) => [[i v] _|v _].
  by rewrite /= theadE; congr (_, _); apply: val_inj.
by case/tupleP: v => i v; rewrite theadE; apply: val_inj.
Qed.

Lemma marginal_ge0 r u : 0 <= marginal r u.
Proof. exact: sumr_ge0. Qed.

Lemma sequential_ge0 u v : 0 <= sequential u v.
Proof.
elim: v u => [|i v ih] u /=; first exact: ler01.
by rewrite mulr_ge0 ?divr_ge0 ?marginal_ge0 ?sumr_ge0 // => j _; apply: marginal_ge0.
Qed.

(* Where a marginal sum is 0, so is each of its terms. *)
Lemma marginal_eq0 u v : marginal (size v) u = 0 -> T (u ++ v) = 0.
Proof.
move=> /eqP; rewrite psumr_eq0 // => /allP zero; apply/eqP.
exact: (zero (in_tuple v) (mem_index_enum _)).
Qed.

Lemma marginal_sequential u v : marginal (size v) u * sequential u v = T (u ++ v).
Proof.
elim: v u => [|i v ih] u; first by rewrite marginal0 mulr1 cats0.
have [zero|nonzero] := eqVneq (marginal (size (i :: v)) u) 0.
  by rewrite zero mul0r marginal_eq0.
by rewrite /= -marginalS mulrA mulrCA divff // mulr1 ih cat_rcons.
Qed.

Variable q : nat.
Let total := \sum_(w : q.-tuple I) T w.
Hypothesis total_gt0 : 0 < total.

(* The conditionals telescope: Π_t N_t(i_t)/Σ_j N_t(j) = T(i_1 ... i_q)/Σ T. *)
Theorem sequential_telescopes (w : q.-tuple I) :
  sequential [::] w = T w / \sum_(v : q.-tuple I) T v.
Proof.
have := marginal_sequential [::] w; rewrite size_tuple => <-.
by rewrite -/total mulrC mulKf ?lt0r_neq0.
Qed.

(* They are the probabilities of a distribution of words. *)
Theorem sequential_distribution : distribution (fun w : q.-tuple I => sequential [::] w).
Proof.
split=> [w|]; first exact: sequential_ge0.
under eq_bigr do rewrite sequential_telescopes.
by rewrite -mulr_suml divff ?lt0r_neq0.
Qed.

End SequentialSampler.
