(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The Rademacher sketch, a dense matrix of random signs over sqrt m: its inner products are
   unbiased, with variance (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section OneRow.

Variables (R : realFieldType) (I W : finType) (s : W -> I -> R).
Hypotheses (W_gt0 : (0 < #|W|)%N) (s_signs : fourwise_signs s).

Lemma dot_product_form (w x y : I -> R) :
  dot w x * dot w y = sign_form (fun i j => x i * y j) w.
Proof.
rewrite -sum_product; apply: eq_bigr => i _; apply: eq_bigr => j _.
by rewrite mulrACA mulrC.
Qed.

(* E <w, x><w, y> = <x, y>. *)
Lemma sign_product_mean x y : \E_v (dot (s v) x * dot (s v) y) = dot x y.
Proof. by under eq_expectation do rewrite dot_product_form; rewrite expectation_form. Qed.

(* E (<w, x><w, y>)^2 = <x, y>^2 + b + c. *)
Lemma sign_product_moment2 x y :
  \E_v ((dot (s v) x * dot (s v) y) ^+ 2) = dot x y ^+ 2 + sign_variance x y.
Proof.
under eq_expectation do rewrite dot_product_form expr2.
rewrite (expectation_form2 s_signs) -expr2 sign_varianceE moment_bE moment_cE -big_split /=.
congr (_ + _); apply: eq_bigr => i _; rewrite -big_split; apply: eq_bigr => j _ /=.
by rewrite mulrDr.
Qed.

(* Var <w, x><w, y> = |x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2. *)
Lemma sign_product_variance x y :
  variance (fun v => dot (s v) x * dot (s v) y) = sign_variance x y.
Proof.
by rewrite varianceE // sign_product_moment2 sign_product_mean addrAC subrr add0r.
Qed.

End OneRow.

Section Sketch.

Variables (R : realFieldType) (I : finType) (m : nat) (scale : R).

(* (Sx)_r = scale * <w_r, x>. *)
Definition rademacher (w : 'I_m -> I -> R) (x : I -> R) (r : 'I_m) : R := scale * dot (w r) x.

Lemma dot_rademacher w x y : dot (rademacher w x) (rademacher w y)
  = scale ^+ 2 * \sum_r dot (w r) x * dot (w r) y.
Proof. by rewrite mulr_sumr; apply: eq_bigr => r _; rewrite mulrACA -expr2. Qed.

Variables (W : finType) (s : W -> I -> R).
Hypotheses (m_gt0 : (0 < m)%N) (scale_sqr : scale ^+ 2 = m%:R^-1).
Hypotheses (W_gt0 : (0 < #|W|)%N) (s_signs : fourwise_signs s).

(* Rows drawn independently, each of 4-wise signs. *)
Local Notation estimate x y := (fun w : {ffun 'I_m -> W} =>
  dot (rademacher (fun r => s (w r)) x) (rademacher (fun r => s (w r)) y)).

(* Unbiased: E <Sx, Sy> = <x, y>. *)
Theorem rademacher_unbiased x y : expectation (estimate x y) = dot x y.
Proof.
under eq_expectation do rewrite dot_rademacher scale_sqr.
rewrite (expectation_mean W_gt0 m_gt0 (fun v => dot (s v) x * dot (s v) y)).
exact: sign_product_mean.
Qed.

(* Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Theorem rademacher_variance x y : variance (estimate x y) = sign_variance x y / m%:R.
Proof.
rewrite -(sign_product_variance W_gt0 s_signs) -variance_mean //.
by apply: eq_variance => w; rewrite dot_rademacher scale_sqr.
Qed.

End Sketch.

Section Uniform.

Variables (R : realFieldType) (I : finType) (m : nat) (scale : R).
Hypotheses (m_gt0 : (0 < m)%N) (scale_sqr : scale ^+ 2 = m%:R^-1).

Let coins_gt0 : (0 < #|{ffun I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Local Notation estimate x y := (fun w : {ffun 'I_m -> {ffun I -> bool}} =>
  dot (rademacher scale (fun r => coin_signs R (w r)) x)
      (rademacher scale (fun r => coin_signs R (w r)) y)).

(* Over all matrices of signs: E <Sx, Sy> = <x, y>. *)
Corollary uniform_rademacher_unbiased (x y : I -> R) :
  expectation (estimate x y) = dot x y.
Proof. exact: (rademacher_unbiased m_gt0 scale_sqr coins_gt0 (coin_signs_fourwise R I)). Qed.

(* Over all matrices of signs: Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Corollary uniform_rademacher_variance (x y : I -> R) :
  variance (estimate x y) = sign_variance x y / m%:R.
Proof. exact: (rademacher_variance m_gt0 scale_sqr coins_gt0 (coin_signs_fourwise R I)). Qed.

End Uniform.
