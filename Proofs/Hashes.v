(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Random hash functions from coordinates to buckets: what the sketches need of them, and that
   uniform hash functions have it. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Hashes.

Variables (R : realFieldType) (W I : finType).

(* Two different coordinates collide with probability 1/m. *)
Definition collision_probability (B : eqType) (h : W -> I -> B) (m : nat) : Prop :=
  forall i j, i != j -> \E_w (h w i == h w j)%:R = m%:R^-1 :> R.

(* The values at two different coordinates are uniform and independent. *)
Definition pairwise_independent (B : finType) (h : W -> I -> B) : Prop :=
  forall i j, i != j -> forall f : B -> B -> R,
  \E_w f (h w i) (h w j) = \E_u \E_v f u v.

(* The difference of the values at two different coordinates is uniform. *)
Definition uniform_differences (B : finZmodType) (h : W -> I -> B) : Prop :=
  forall i j, i != j -> forall f : B -> R, \E_w f (h w i - h w j) = expectation f.

(* Uniform independent values are equal with probability 1 / |B|. *)
Lemma expectation_equal (B : finType) : \E_(u : B) \E_(v : B) (u == v)%:R = #|B|%:R^-1 :> R.
Proof.
rewrite /expectation -mulr_suml (eq_bigr (fun=> 1)) => [|u _]; last first.
  by rewrite (bigD1 u) //= eqxx big1 ?addr0 // => v /negPf vu; rewrite eq_sym vu.
rewrite sumr_const; have [->|B_neq0] := eqVneq (#|B|%:R : R) 0; last by rewrite divff ?mul1r.
by rewrite invr0 mulr0.
Qed.

Lemma pairwise_collision (B : finType) (h : W -> I -> B) :
  pairwise_independent h -> collision_probability h #|B|.
Proof. by move=> ind i j ij; rewrite (ind i j ij (fun u v => (u == v)%:R)) expectation_equal. Qed.

(* A translation of the group leaves the uniform law as it is. *)
Lemma expectation_translate (B : finZmodType) (v : B) (f : B -> R) :
  \E_u f (u + v) = expectation f.
Proof. by apply: expectation_bij; exists (fun u => u - v) => u; rewrite ?addrK ?subrK. Qed.

Lemma pairwise_differences (B : finZmodType) (h : W -> I -> B) :
  pairwise_independent h -> uniform_differences h.
Proof.
move=> ind i j ij f; rewrite (ind i j ij (fun u v => f (u - v))) expectation_swap.
under eq_expectation => v do rewrite (expectation_translate (- v) f).
by apply: expectation_const; apply/card_gt0P; exists 0.
Qed.

Lemma differences_collision (B : finZmodType) (h : W -> I -> B) :
  uniform_differences h -> collision_probability h #|B|.
Proof.
move=> unif i j ij; transitivity (\E_(u : B) (u == 0)%:R : R).
  rewrite -(unif i j ij (fun u => (u == 0)%:R)).
  by apply: eq_expectation => w; rewrite subr_eq0.
by rewrite /expectation (bigD1 0) //= eqxx big1 ?addr0 ?mul1r // => u /negPf->.
Qed.

End Hashes.

Section UniformHash.

Variables (R : realFieldType) (I B : finType).
Hypothesis B_gt0 : (0 < #|B|)%N.

(* E f(h(i), h(j)) over all hash functions is E f(u, v) over all u and v, for i <> j. *)
Theorem uniform_hash_pairwise :
  pairwise_independent R (fun (h : {ffun I -> B}) i => h i).
Proof.
move=> i j ij f.
have expand (u v : B) : f u v = \sum_b (u == b)%:R * f b v.
  by rewrite (bigD1 u) //= eqxx mul1r big1 ?addr0 // => b /negPf bu; rewrite eq_sym bu mul0r.
under eq_expectation do rewrite expand.
under [RHS]eq_expectation => u do under eq_expectation do rewrite expand.
rewrite expectation_sum.
under [RHS]eq_expectation => u do rewrite expectation_sum.
rewrite expectation_sum; apply: eq_bigr => b _.
rewrite (expectation_at2 (fun u => (u == b)%:R) (f b)) // -expectationZr.
by apply: eq_expectation => u; rewrite expectationZ.
Qed.

(* Pr[h(i) = h(j)] = 1 / |B| for i <> j. *)
Corollary uniform_hash_collision :
  collision_probability R (fun (h : {ffun I -> B}) i => h i) #|B|.
Proof. exact/pairwise_collision/uniform_hash_pairwise. Qed.

End UniformHash.

(* h(i) - h(j) is uniform over the group of buckets for i <> j. *)
Corollary uniform_hash_differences (R : realFieldType) (I : finType) (B : finZmodType) :
  uniform_differences R (fun (h : {ffun I -> B}) i => h i).
Proof. by apply/pairwise_differences/uniform_hash_pairwise/card_gt0P; exists 0. Qed.
