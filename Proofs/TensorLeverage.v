(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The sequential sampler draws the rows of a tensor power of the data by their ridge leverage
   scores, without listing them: its marginal sums are quadratic forms in a Hadamard power of the
   kernel matrix. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation PositiveSemidefinite RidgeRisk SequentialSampler.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section TensorLeverage.
Variables (R : realFieldType) (I : finType) (n : nat) (X : I -> 'I_n -> R).

(* The row of the word i_1 ... i_q: the products X(i_1, a) ... X(i_q, a) over the points a. *)
Definition tensor_row (w : seq I) : 'cV[R]_n := \col_a \prod_(i <- w) X i a.

(* The Hadamard power of the linear kernel: (Σ_i X(i, a) X(i, b))^r. *)
Definition kernel_power (r : nat) : 'M[R]_n := \matrix_(a, b) (\sum_i X i a * X i b) ^+ r.

(* ℓ(w) = rᵀ W r for the row r of the word w. *)
Definition score (W : 'M[R]_n) (w : seq I) : R := form W (tensor_row w).

Definition hadamard (A B : 'M[R]_n) : 'M[R]_n := \matrix_(a, b) (A a b * B a b).

Lemma formE (A : 'M[R]_n) x : form A x = \sum_a \sum_b x a 0 * x b 0 * A a b.
Proof.
rewrite /form dotE; apply: eq_bigr => a _; rewrite mxE mulr_sumr; apply: eq_bigr => b _.
by rewrite -mulrA [x b 0 * _]mulrC.
Qed.

Lemma tensor_row_rcons u i a : tensor_row (rcons u i) a 0 = tensor_row u a 0 * X i a.
Proof. by rewrite !mxE -cats1 big_cat big_seq1. Qed.

(* N_t(i) is a quadratic form in the row P of the prefix and i: the sum of ℓ over all words that go
   on with r more letters is Pᵀ (K₁^(∘r) ∘ W) P. *)
Theorem marginal_score W r u :
  marginal (score W) r u = form (hadamard (kernel_power r) W) (tensor_row u).
Proof.
elim: r u => [|r ih] u.
  rewrite marginal0 /score; congr form; apply/matrixP => a b.
  by rewrite !mxE expr0 mul1r.
rewrite marginalS; under eq_bigr do rewrite ih formE.
rewrite exchange_big formE; apply: eq_bigr => a _.
rewrite exchange_big; apply: eq_bigr => b _ /=.
under eq_bigr do rewrite !tensor_row_rcons mulrACA.
rewrite -mulr_suml -mulr_sumr -mulrA; congr (_ * _).
by rewrite !mxE exprS mulrA.
Qed.

Section Ridge.
Variables (q : nat) (lambda : R).
Hypothesis pos : 0 < lambda.
Local Notation K := (kernel_power q).
Local Notation leverage := (score (resolvent lambda K)).

Lemma kernel_power_symmetric : symmetric K.
Proof.
apply/matrixP => a b; rewrite !mxE; congr (_ ^+ _).
by apply: eq_bigr => i _; rewrite mulrC.
Qed.

(* K is the Gram matrix of the tensor power: xᵀKx = Σ_w ⟨r_w, x⟩². *)
Lemma kernel_power_semidefinite : semidefinite K.
Proof.
move=> x; have -> : form K x = marginal (score (x *m x^T)) q [::].
  rewrite marginal_score !formE; apply: eq_bigr => a _; apply: eq_bigr => b _.
  by rewrite !mxE !big_nil !mul1r big_ord1 !mxE mulrC.
apply: sumr_ge0 => w _; rewrite /score /form /dot !mulmxA -mulmxA mxE big_ord1.
by rewrite -(trmxK (_ *m x)) trmx_mul trmxK mxE -expr2 sqr_ge0.
Qed.

Lemma leverage_ge0 w : 0 <= leverage w.
Proof.
have [symK psdK] := (kernel_power_symmetric, kernel_power_semidefinite).
by apply: semidefinite_inv; [apply: symmetric_shifted|apply: definite_shifted].
Qed.

(* The ridge leverage scores of all d^q rows add up to s_λ = tr K(K + λ)⁻¹. *)
Theorem leverage_total : \sum_(w : q.-tuple I) leverage w = statistical_dimension lambda K.
Proof.
have -> : \sum_(w : q.-tuple I) leverage w = marginal leverage q [::] by [].
have [symK psdK] := (kernel_power_symmetric, kernel_power_semidefinite).
rewrite marginal_score formE; apply: eq_bigr => a _; rewrite [RHS]mxE; apply: eq_bigr => b _.
rewrite !mxE !big_nil !mul1r; congr (_ * _).
by rewrite -[in RHS](symmetric_resolvent lambda symK) mxE.
Qed.

Hypothesis some : 0 < statistical_dimension lambda K.

(* The sequential sampler draws the row w with probability ℓ(w)/s_λ. *)
Theorem sequential_leverage (w : q.-tuple I) :
  sequential leverage [::] w = leverage w / statistical_dimension lambda K.
Proof.
rewrite -leverage_total; apply: sequential_telescopes; first exact: leverage_ge0.
by rewrite leverage_total.
Qed.

End Ridge.

End TensorLeverage.
