(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Inner products of vectors, and the numbers a, b, c of a pair of vectors of which all the
   variances are made. *)

From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Vectors.

Variables (R : realFieldType) (I : finType).
Implicit Types x y z : I -> R.

(* <x, y> = sum_i x_i y_i. *)
Definition dot x y : R := \sum_i x i * y i.

(* |x|^2 |y|^2. *)
Definition norms x y : R := dot x x * dot y y.

(* sum_i x_i^2 y_i^2. *)
Definition diagonal x y : R := \sum_i (x i * y i) ^+ 2.

(* b = |x|^2 |y|^2 - sum_i x_i^2 y_i^2. *)
Definition moment_b x y : R := norms x y - diagonal x y.

(* c = <x, y>^2 - sum_i x_i^2 y_i^2. *)
Definition moment_c x y : R := dot x y ^+ 2 - diagonal x y.

(* The variance of <w, x><w, y> for random signs w: |x|^2 |y|^2 + <x, y>^2 - 2 sum_i x_i^2 y_i^2. *)
Definition sign_variance x y : R := norms x y + dot x y ^+ 2 - diagonal x y *+ 2.

Lemma sign_varianceE x y : sign_variance x y = moment_b x y + moment_c x y.
Proof. by rewrite /sign_variance mulr2n opprD addrACA. Qed.

Lemma eq_dot x x' y y' : x =1 x' -> y =1 y' -> dot x y = dot x' y'.
Proof. by move=> ex ey; apply: eq_bigr => i _; rewrite ex ey. Qed.

Lemma dotC x y : dot x y = dot y x.
Proof. by apply: eq_bigr => i _; rewrite mulrC. Qed.

Lemma dotZl k x y : dot (fun i => k * x i) y = k * dot x y.
Proof. by rewrite /dot mulr_sumr; apply: eq_bigr => i _; rewrite mulrA. Qed.

Lemma dotZr k x y : dot x (fun i => k * y i) = k * dot x y.
Proof. by rewrite dotC dotZl dotC. Qed.

Lemma dotDl x y z : dot (fun i => x i + y i) z = dot x z + dot y z.
Proof. by rewrite /dot -big_split; apply: eq_bigr => i _; rewrite mulrDl. Qed.

(* sum_j [i = j] f_j = f_i. *)
Lemma sum_equal (i : I) (f : I -> R) : \sum_j (i == j)%:R * f j = f i.
Proof.
rewrite (bigD1 i) //= eqxx mul1r big1 ?addr0 // => j /negPf ji.
by rewrite eq_sym ji mul0r.
Qed.

(* A sum over pairs of different indices is the sum over all pairs less the diagonal. *)
Lemma sum_different (F : I -> I -> R) :
  \sum_i \sum_(j | j != i) F i j = \sum_i \sum_j F i j - \sum_i F i i.
Proof.
rewrite -sumrB; apply: eq_bigr => i _.
by rewrite [in RHS](bigD1 i) //= addrC addrA addNr add0r.
Qed.

Lemma sum_product (f g : I -> R) : \sum_i \sum_j f i * g j = (\sum_i f i) * (\sum_j g j).
Proof. by rewrite mulr_suml; apply: eq_bigr => i _; rewrite mulr_sumr. Qed.

(* b = sum over i <> j of x_i^2 y_j^2. *)
Lemma moment_bE x y :
  moment_b x y = \sum_i \sum_(j | j != i) (x i * y j) * (x i * y j).
Proof.
rewrite /moment_b sum_different; congr (_ - _).
rewrite /norms /dot -sum_product; apply: eq_bigr => i _; apply: eq_bigr => j _.
by rewrite mulrACA.
Qed.

(* c = sum over i <> j of x_i y_i x_j y_j. *)
Lemma moment_cE x y :
  moment_c x y = \sum_i \sum_(j | j != i) (x i * y j) * (x j * y i).
Proof.
rewrite /moment_c sum_different; congr (_ - _).
rewrite expr2 /dot -sum_product; apply: eq_bigr => i _; apply: eq_bigr => j _.
by rewrite mulrACA [RHS]mulrACA [y j * y i]mulrC.
Qed.

Lemma moment_b_ge0 x y : 0 <= moment_b x y.
Proof.
by rewrite moment_bE; apply: sumr_ge0 => i _; apply: sumr_ge0 => j _; rewrite -expr2 sqr_ge0.
Qed.

End Vectors.
