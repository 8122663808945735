(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Polynomial hashing h(x) = c_0 + c_1 x + ... + c_(k-1) x^(k-1) with random coefficients in a finite
   field, Z_p among them, is k-wise independent: k points have an interpolating polynomial. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes CountSketch KWise.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* Interpolation: some polynomial of degree below j has given values at j different points. *)
Section Interpolation.

Variables (F : fieldType) (j : nat) (x y : 'I_j -> F).
Hypothesis x_inj : injective x.

(* The product of X - x_u over all points u but t. *)
Definition other_points (t : 'I_j) : {poly F} := \prod_(u <- rem t (enum 'I_j)) ('X - (x u)%:P).

Definition interpolant : {poly F} :=
  \sum_t (y t / (other_points t).[x t]) *: other_points t.

Lemma other_points_eq0 t s : ((other_points t).[x s] == 0) = (s != t).
Proof.
rewrite /other_points horner_prod prodf_seq_eq0.
apply/hasP/idP => [[u]|st].
  rewrite mem_rem_uniq ?enum_uniq // inE => /andP[ut _].
  by rewrite !hornerE subr_eq0 (inj_eq x_inj) => /eqP->.
exists s; first by rewrite mem_rem_uniq ?enum_uniq // inE st; apply: mem_enum.
by rewrite !hornerE subrr.
Qed.

Lemma size_interpolant : (size interpolant <= j)%N.
Proof.
apply: leq_trans (size_sum _ _ _) _; apply/bigmax_leqP => t _.
apply: leq_trans (size_scale_leq _ _) _.
rewrite size_prod_XsubC size_rem ?mem_enum // size_enum_ord.
by case: j t => [[]|].
Qed.

Lemma interpolantP s : interpolant.[x s] = y s.
Proof.
rewrite horner_sum (bigD1 s) //= big1 => [|t ts]; rewrite hornerZ.
  by rewrite addr0 divfK // other_points_eq0 eqxx.
by apply/eqP; rewrite mulf_eq0 other_points_eq0 [s == t]eq_sym ts orbT.
Qed.

End Interpolation.

(* An additive map onto a group takes the uniform law to the uniform law. *)
Lemma expectation_onto (R : realFieldType) (U V : finZmodType) (phi : {additive U -> V})
    (section : V -> U) (f : V -> R) :
  cancel section phi -> \E_u f (phi u) = expectation f.
Proof.
move=> onto; have U_gt0 : (0 < #|U|)%N by apply/card_gt0P; exists 0.
have V_gt0 : (0 < #|V|)%N by apply/card_gt0P; exists 0.
have shift v : \E_u f (phi u + v) = \E_u f (phi u).
  rewrite -[RHS](expectation_translate (section v)).
  by apply: eq_expectation => u; rewrite raddfD onto.
transitivity (\E_v \E_u f (phi u + v)).
  by under [RHS]eq_expectation do rewrite shift; rewrite expectation_const.
rewrite expectation_swap.
under eq_expectation => u do under eq_expectation => v do rewrite addrC.
under eq_expectation do rewrite (expectation_translate _ f).
exact: expectation_const.
Qed.

Section PolynomialHash.

Variables (R : realFieldType) (F : finFieldType) (k : nat).

(* h_c(x) = sum_i c_i x^i. *)
Definition polynomial_hash (c : 'rV[F]_k) (x : F) : F := (rVpoly c).[x].

Lemma polynomial_hashE c x : polynomial_hash c x = \sum_i c 0 i * x ^+ i.
Proof.
rewrite /polynomial_hash (@horner_coef_wide _ k) ?size_poly //; apply: eq_bigr => i _.
by rewrite coef_rVpoly_ord.
Qed.

(* The values at j points. *)
Definition values j (x : 'I_j -> F) (c : 'rV[F]_k) : {ffun 'I_j -> F} :=
  [ffun t => polynomial_hash c (x t)].

Lemma values_additive j (x : 'I_j -> F) : additive (values x).
Proof.
move=> c d; apply/ffunP => t; rewrite !ffunE /polynomial_hash.
by rewrite linearB /= hornerD hornerN.
Qed.

(* Random polynomials of degree below k are k-wise independent:
   E f(h(x_1), ..., h(x_j)) = E f(u) for any j <= k different points. *)
Theorem polynomial_hash_kwise : kwise_independent R k polynomial_hash.
Proof.
move=> j x jk x_inj f.
pose section (y : {ffun 'I_j -> F}) : 'rV[F]_k := poly_rV (interpolant x y).
have onto : cancel section (values x).
  move=> y; apply/ffunP => t; rewrite ffunE /polynomial_hash poly_rV_K ?interpolantP //.
  exact: leq_trans (size_interpolant x y) jk.
have uniform := @expectation_onto R [finZmodType of 'rV[F]_k] [finZmodType of {ffun 'I_j -> F}]
  (Additive (values_additive x)) section f onto.
by etransitivity; last exact: uniform.
Qed.

End PolynomialHash.

(* Over Z_p: Pr[h(x_t) = y_t for all t] = 1 / p^j for j <= k different points. *)
Theorem polynomial_hash_probability (R : realFieldType) (p k j : nat) (x y : 'I_j -> 'F_p) :
  prime p -> (j <= k)%N -> injective x ->
  \E_(c : 'rV['F_p]_k) [forall t, polynomial_hash c (x t) == y t]%:R = (p ^ j)%:R^-1 :> R.
Proof.
move=> p_prime jk x_inj; pose target := finfun y.
transitivity (\E_(u : {ffun 'I_j -> 'F_p}) (u == target)%:R : R); last first.
  rewrite /expectation (bigD1 target) //= eqxx big1 ?addr0 ?mul1r => [|u /negPf->//].
  by rewrite card_ffun card_Fp // card_ord.
rewrite -(polynomial_hash_kwise jk x_inj (fun u => (u == target)%:R)).
apply: eq_expectation => c; congr (nat_of_bool _)%:R; apply/forallP/eqP => [eq_y|eq_y t].
  by apply/ffunP => t; rewrite !ffunE; apply/eqP.
by have /ffunP/(_ t) := eq_y; rewrite !ffunE => ->.
Qed.

(* CountSketch with h(i) = a_0 + a_1 i into p buckets and signs from a balanced bit of a random
   cubic, over finite fields in which the coordinates have different places. *)
Section PolynomialCountSketch.

Variables (R : realFieldType) (I : finType) (F G : finFieldType) (bit : G -> bool).
Variables (place : I -> F) (sign_place : I -> G).
Hypotheses (place_inj : injective place) (sign_place_inj : injective sign_place).
Hypothesis bit_balanced : balanced R bit.

Definition line (a : 'rV[F]_2) (i : I) : F := polynomial_hash a (place i).
Definition cubic_sign (c : 'rV[G]_4) (i : I) : R :=
  (-1) ^+ bit (polynomial_hash c (sign_place i)).

Lemma row_gt0 (E : finFieldType) k : (0 < #|[finType of 'rV[E]_k]|)%N.
Proof. by apply/card_gt0P; exists 0. Qed.

Lemma line_collision : collision_probability R line #|F|.
Proof.
apply/pairwise_collision/kwise_pairwise; first by apply/card_gt0P; exists 0.
exact/(kwise_places place_inj)/polynomial_hash_kwise.
Qed.

Lemma cubic_fourwise : fourwise_signs cubic_sign.
Proof.
apply: (@kwise_signs R _ I (fun c i => bit (polynomial_hash c (sign_place i)))).
by apply/kwise_balanced/(kwise_places sign_place_inj)/polynomial_hash_kwise.
Qed.

(* E <Sx, Sy> = <x, y>. *)
Theorem polynomial_count_sketch_unbiased x y :
  \E_(w : 'rV[F]_2 * 'rV[G]_4)
    dot (count_sketch (line w.1) (cubic_sign w.2) x) (count_sketch (line w.1) (cubic_sign w.2) y)
  = dot x y.
Proof. exact: (count_sketch_unbiased line (row_gt0 F 2) cubic_fourwise). Qed.

(* Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / |F|. *)
Theorem polynomial_count_sketch_variance x y :
  variance (fun w : 'rV[F]_2 * 'rV[G]_4 =>
    dot (count_sketch (line w.1) (cubic_sign w.2) x) (count_sketch (line w.1) (cubic_sign w.2) y))
  = sign_variance x y / #|F|%:R.
Proof.
exact: (count_sketch_variance (row_gt0 F 2) (row_gt0 G 4) line_collision cubic_fourwise).
Qed.

End PolynomialCountSketch.
