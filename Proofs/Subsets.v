(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Sampling without replacement: a uniform subset A of m of D elements, the probabilities that it
   has one or two given elements, and the mean and variance of a sum over it. *)

From mathcomp Require Import all_ssreflect all_algebra all_fingroup.
From Sketching Require Import Expectation Vectors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Subsets.

Variables (R : realFieldType) (I : finType) (m : nat).
Hypothesis m_le : (m <= #|I|)%N.

(* The subsets of m elements. *)
Definition subset_of : finType := [finType of {A : {set I} | #|A| == m}].
Implicit Types (A : subset_of) (p q r : I).

Lemma card_subset A : #|val A| = m.
Proof. by apply/eqP; case: A. Qed.

Lemma subset_gt0 : (0 < #|subset_of|)%N.
Proof.
by rewrite card_sig -cardsE card_draws bin_gt0.
Qed.

(* The subset with p and q exchanged. *)
Definition exchange_set p q A : {set I} := [set tperm p q r | r in val A].

Lemma card_exchange p q A : #|exchange_set p q A| == m.
Proof. by rewrite card_imset ?card_subset //; apply: perm_inj. Qed.

Definition exchange p q A : subset_of := Sub (exchange_set p q A) (card_exchange p q A).

Lemma mem_exchange p q A r : (r \in val (exchange p q A)) = (tperm p q r \in val A).
Proof.
rewrite -{1}[r](tpermK p q) (mem_imset_eq _ _ (@perm_inj _ _)) //.
Qed.

Lemma exchangeK p q : involutive (exchange p q).
Proof. by move=> A; apply/val_inj/setP => r; rewrite !mem_exchange tpermK. Qed.

(* Pr[p in A] and Pr[p in A, q in A]. *)
Definition inclusion p : R := \E_(A : subset_of) (p \in val A)%:R.
Definition inclusion2 p q : R := \E_(A : subset_of) ((p \in val A)%:R * (q \in val A)%:R).

Lemma sum_membership A : \sum_p (p \in val A)%:R = m%:R :> R.
Proof.
rewrite -[in RHS](card_subset A) -sum1_card natr_sum [RHS]big_mkcond.
by apply: eq_bigr => p _; case: ifP.
Qed.

(* Pr[p in A] = m / D. *)
Lemma inclusionE p : inclusion p = m%:R / #|I|%:R.
Proof.
have D_neq0 : #|I|%:R != 0 :> R by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists p.
have same q : inclusion q = inclusion p.
  rewrite /inclusion -[RHS](expectation_bij _ (inv_bij (exchangeK p q))).
  by apply: eq_expectation => A; rewrite mem_exchange tpermL.
have : \sum_q inclusion q = m%:R.
  rewrite -expectation_sum -[RHS](expectation_const _ subset_gt0).
  by apply: eq_expectation => A; rewrite sum_membership.
under eq_bigr do rewrite same; rewrite sumr_const -[_ *+ _]mulr_natr => <-.
by rewrite mulfK.
Qed.

(* Pr[p in A, q in A] = (m / D) (m - 1) / (D - 1) for p <> q. *)
Lemma inclusion2E p q :
  q != p -> inclusion2 p q = m%:R / #|I|%:R * ((m%:R - 1) / (#|I|%:R - 1)).
Proof.
move=> qp; have same r : r != p -> inclusion2 p r = inclusion2 p q.
  move=> rp; rewrite /inclusion2 -[RHS](expectation_bij _ (inv_bij (exchangeK q r))).
  by apply: eq_expectation => A; rewrite !mem_exchange tpermL tpermD.
have : \sum_(r | r != p) inclusion2 p r = inclusion p * (m%:R - 1).
  rewrite -expectation_sum -expectationZr; apply: eq_expectation => A.
  rewrite -mulr_sumr -(sum_membership A) [in RHS](bigD1 p) //=.
  by case: (p \in val A); rewrite ?mul0r // addrC addKr.
rewrite (eq_bigr (fun=> inclusion2 p q)) => [|r]; last exact: same.
rewrite sumr_const cardC1 inclusionE -[_ *+ _]mulr_natr -subn1 => e.
have D_gt1 : (1 < #|I|)%N by apply/card_gt1P; exists p, q; rewrite eq_sym.
rewrite -(natrB _ (ltnW D_gt1)) mulrA -e mulfK //.
by rewrite pnatr_eq0 subn_eq0 -ltnNge.
Qed.

(* A sum over A as a sum over all elements. *)
Lemma subset_sum (f : I -> R) A : \sum_(p in val A) f p = \sum_p f p * (p \in val A)%:R.
Proof.
by rewrite big_mkcond; apply: eq_bigr => p _; case: ifP => _; rewrite ?mulr1 ?mulr0.
Qed.

(* E of the sum of f over A is m times the mean of f. *)
Lemma expectation_subset_sum (f : I -> R) :
  \E_(A : subset_of) (\sum_(p in val A) f p) = m%:R * expectation f.
Proof.
under eq_expectation do rewrite subset_sum.
rewrite expectation_sum [in RHS]/expectation mulrCA mulr_suml; apply: eq_bigr => p _.
by rewrite expectationZ -/(inclusion p) inclusionE mulrCA.
Qed.

(* For sum_p g(p) = 0: E (sum of g over A)^2 = m (1 - (m - 1) / (D - 1)) times the mean of g^2. *)
Theorem subset_sum_moment2 (g : I -> R) : \sum_p g p = 0 ->
  \E_(A : subset_of) ((\sum_(p in val A) g p) ^+ 2)
  = m%:R * (1 - (m%:R - 1) / (#|I|%:R - 1)) * \E_p (g p ^+ 2).
Proof.
move=> g0; set ratio := (_ - 1) / (_ - 1).
under eq_expectation do rewrite subset_sum.
rewrite expectation_sum_sqr [in RHS]/expectation mulrCA mulr_suml.
apply: eq_bigr => p _; rewrite (bigD1 p) //=.
rewrite (eq_bigr (fun q => g p * (m%:R / #|I|%:R * ratio) * g q)) => [|q qp]; last first.
  under eq_expectation do rewrite mulrACA.
  by rewrite expectationZ -/(inclusion2 p q) inclusion2E // mulrAC.
have -> : \sum_(q | q != p) g p * (m%:R / #|I|%:R * ratio) * g q =
    - (g p ^+ 2 * (m%:R / #|I|%:R) * ratio).
  rewrite -mulr_sumr; have -> : \sum_(q | q != p) g q = - g p.
    by apply/eqP; rewrite -addr_eq0 addrC -[X in _ == X]g0 [X in _ == X](bigD1 p).
  by rewrite mulrN mulrAC -expr2 mulrA.
under eq_expectation do rewrite mulrACA -natrM mulnb andbb -expr2.
rewrite expectationZ -/(inclusion p) inclusionE -{1}[g p ^+ 2 * (_ / _)]mulr1 -mulrBr -!mulrA.
by rewrite [_^-1 * _]mulrC.
Qed.

End Subsets.
