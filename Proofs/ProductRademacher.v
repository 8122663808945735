(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The product Rademacher sketch of any degree p: features prod_t <w_t, x> over sqrt D, with random
   signs w_t. Its inner products are unbiased for <x, y>^p, with variance
   ((a + b + c)^p - a^p) / D. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Rademacher.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Sketch.

Variables (R : realFieldType) (I : finType) (p D : nat) (scale : R).

(* The sketch of x_1 (x) ... (x) x_p by the weights w_kt: (Sx)_k = scale * prod_t <w_kt, x_t>. *)
Definition product_sketch (w : 'I_D -> 'I_p -> I -> R) (x : 'I_p -> I -> R) (k : 'I_D) : R :=
  scale * \prod_t dot (w k t) (x t).

Lemma dot_product_sketch w x y : dot (product_sketch w x) (product_sketch w y)
  = scale ^+ 2 * \sum_k \prod_t (dot (w k t) (x t) * dot (w k t) (y t)).
Proof.
rewrite mulr_sumr; apply: eq_bigr => k _.
by rewrite mulrACA -expr2 [in RHS]big_split.
Qed.

Variables (W : finType) (s : W -> I -> R).
Hypotheses (D_gt0 : (0 < D)%N) (scale_sqr : scale ^+ 2 = D%:R^-1).
Hypotheses (W_gt0 : (0 < #|W|)%N) (s_signs : fourwise_signs s).

Let column_gt0 : (0 < #|{ffun 'I_p -> W}|)%N.
Proof. exact: card_ffun_gt0. Qed.

(* One column: E prod_t <w_t, x_t><w_t, y_t> = prod_t <x_t, y_t>. *)
Lemma product_column_mean x y :
  \E_(w : {ffun 'I_p -> W}) (\prod_t (dot (s (w t)) (x t) * dot (s (w t)) (y t)))
  = \prod_t dot (x t) (y t).
Proof.
rewrite (expectation_prod (fun t v => dot (s v) (x t) * dot (s v) (y t))).
by apply: eq_bigr => t _; apply: sign_product_mean.
Qed.

(* One column: the second moment is prod_t (a_t + b_t + c_t). *)
Lemma product_column_moment2 x y :
  \E_(w : {ffun 'I_p -> W}) ((\prod_t (dot (s (w t)) (x t) * dot (s (w t)) (y t))) ^+ 2)
  = \prod_t (dot (x t) (y t) ^+ 2 + moment_b (x t) (y t) + moment_c (x t) (y t)).
Proof.
under eq_expectation do rewrite -prodrXl.
rewrite (expectation_prod (fun t v => (dot (s v) (x t) * dot (s v) (y t)) ^+ 2)).
by apply: eq_bigr => t _; rewrite (sign_product_moment2 s_signs) sign_varianceE addrA.
Qed.

(* Independent columns of independent factors, each of 4-wise signs. *)
Local Notation estimate x y := (fun w : {ffun 'I_D -> {ffun 'I_p -> W}} =>
  dot (product_sketch (fun k t => s (w k t)) x) (product_sketch (fun k t => s (w k t)) y)).

Let column (x y : 'I_p -> I -> R) (w : {ffun 'I_p -> W}) : R :=
  \prod_t (dot (s (w t)) (x t) * dot (s (w t)) (y t)).

Let estimateE x y (w : {ffun 'I_D -> {ffun 'I_p -> W}}) :
  estimate x y w = D%:R^-1 * \sum_k column x y (w k).
Proof. by rewrite /= dot_product_sketch scale_sqr. Qed.

(* Unbiased: E <Sx, Sy> = prod_t <x_t, y_t>. *)
Theorem product_sketch_unbiased x y :
  expectation (estimate x y) = \prod_t dot (x t) (y t).
Proof.
by rewrite (eq_expectation (estimateE x y)) expectation_mean // product_column_mean.
Qed.

(* Var <Sx, Sy> = (prod_t (a_t + b_t + c_t) - prod_t a_t) / D. *)
Theorem product_sketch_variance x y : variance (estimate x y)
  = (\prod_t (dot (x t) (y t) ^+ 2 + moment_b (x t) (y t) + moment_c (x t) (y t))
     - \prod_t dot (x t) (y t) ^+ 2) / D%:R.
Proof.
rewrite (eq_variance (estimateE x y)) variance_mean // varianceE //.
by rewrite product_column_moment2 product_column_mean prodrXl.
Qed.

End Sketch.

Section Powers.

Variables (R : realFieldType) (I : finType) (p D : nat) (scale : R).
Hypotheses (D_gt0 : (0 < D)%N) (scale_sqr : scale ^+ 2 = D%:R^-1).

Let coins_gt0 : (0 < #|{ffun I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Local Notation estimate x y := (fun w : {ffun 'I_D -> {ffun 'I_p -> {ffun I -> bool}}} =>
  dot (product_sketch scale (fun k t => coin_signs R (w k t)) (fun=> x))
      (product_sketch scale (fun k t => coin_signs R (w k t)) (fun=> y))).

(* Over all signs: E <Sx, Sy> = <x, y>^p. *)
Corollary uniform_product_sketch_unbiased (x y : I -> R) :
  expectation (estimate x y) = dot x y ^+ p.
Proof.
rewrite (product_sketch_unbiased D_gt0 scale_sqr coins_gt0 (coin_signs_fourwise R I)).
by rewrite prodr_const card_ord.
Qed.

(* Over all signs: Var <Sx, Sy> = ((a + b + c)^p - a^p) / D. *)
Corollary uniform_product_sketch_variance (x y : I -> R) :
  let a := dot x y ^+ 2 in let b := moment_b x y in let c := moment_c x y in
  variance (estimate x y) = ((a + b + c) ^+ p - a ^+ p) / D%:R.
Proof.
rewrite /= (product_sketch_variance D_gt0 scale_sqr coins_gt0 (coin_signs_fourwise R I)).
by rewrite !prodr_const card_ord.
Qed.

End Powers.
