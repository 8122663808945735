(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Row sampling with any positive probabilities p and weights 1/(m p): unbiased, with its exact
   variance. S[t, I_t] = 1/√(m p(I_t)) for m independent draws I_t from p, so that
   ⟨Sx, Sy⟩ = Σ_t x(I_t) y(I_t)/(m p(I_t)). *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section ImportanceSampling.
Variables (R : realFieldType) (I : finType) (p : I -> R) (m : nat).
Hypotheses (total : distribution p) (positive : forall i, 0 < p i) (some : (0 < m)%N).
Variables x y : I -> R.

(* ⟨Sx, Sy⟩ for the drawn rows w. *)
Definition row_sample (w : {ffun 'I_m -> I}) : R := \sum_t x (w t) * y (w t) / (m%:R * p (w t)).

Let term i := x i * y i / p i.

Lemma m_neq0 : m%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n. Qed.

Lemma row_sampleE w : row_sample w = m%:R^-1 * \sum_t term (w t).
Proof.
rewrite /row_sample mulr_sumr; apply: eq_bigr => t _.
by rewrite /term invfM mulrCA mulrA.
Qed.

Lemma mean_term : mean p term = \sum_i x i * y i.
Proof. by apply: eq_bigr => i _; rewrite mulrC divfK // lt0r_neq0. Qed.

Lemma mean_term_sqr : mean p (fun i => term i ^+ 2) = \sum_i x i ^+ 2 * y i ^+ 2 / p i.
Proof.
apply: eq_bigr => i _.
by rewrite /term expr_div_n exprMn mulrCA -[p i / _]invf_div expr2 mulfK ?lt0r_neq0.
Qed.

(* Row sampling is unbiased: E⟨Sx, Sy⟩ = ⟨x, y⟩. *)
Theorem row_sampling_unbiased : mean (draws p) row_sample = \sum_i x i * y i.
Proof.
rewrite (eq_mean _ row_sampleE) meanZ mean_draws_sum // mean_term.
by rewrite mulrA mulVf ?m_neq0 ?mul1r.
Qed.

(* Its exact variance: Var⟨Sx, Sy⟩ = (Σ x²y²/p − ⟨x, y⟩²)/m. *)
Theorem row_sampling_variance :
  variance (draws p) row_sample
  = (\sum_i x i ^+ 2 * y i ^+ 2 / p i - (\sum_i x i * y i) ^+ 2) / m%:R.
Proof.
rewrite (eq_variance _ row_sampleE) varianceZ variance_draws_sum // varianceE //.
rewrite mean_term mean_term_sqr.
by rewrite mulrA expr2 -[X in X * _]mulrA mulVf ?m_neq0 // mulr1 mulrC.
Qed.

End ImportanceSampling.
