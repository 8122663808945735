(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The in-sample risk of kernel ridge regression, for K ⪰ 0, λ > 0 and y = f + noise:
   n R(K) = λ²‖(K + λ)⁻¹f‖² + σ² tr(S²) ≤ λ fᵀ(K + λ)⁻¹f + σ² tr(S) with S = K(K + λ)⁻¹. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation PositiveSemidefinite.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (n : nat).
Implicit Types (K : 'M[R]_n) (f : 'cV[R]_n) (lambda : R).

(* K + λI and its inverse. *)
Definition shifted lambda K : 'M[R]_n := K + lambda%:M.
Definition resolvent lambda K : 'M[R]_n := invmx (shifted lambda K).

(* S = K(K + λ)⁻¹: the predictions for targets y are S y. *)
Definition smoother lambda K : 'M[R]_n := K *m resolvent lambda K.

(* s_λ = tr K(K + λ)⁻¹. *)
Definition statistical_dimension lambda K : R := \tr (smoother lambda K).

(* Noise of mean zero, uncorrelated, of variance σ² in each coordinate. *)
Definition white (W : finType) (p : W -> R) (sigma2 : R) (noise : W -> 'cV[R]_n) :=
  (forall i, mean p (fun w => noise w i 0) = 0) /\
  (forall i j, mean p (fun w => noise w i 0 * noise w j 0) = sigma2 *+ (i == j)).

(* R(K) = E‖S(f + noise) − f‖²/n. *)
Definition risk (W : finType) (p : W -> R) (noise : W -> 'cV[R]_n) lambda K f : R :=
  let error w := smoother lambda K *m (f + noise w) - f in
  mean p (fun w => dot (error w) (error w)) / n%:R.

(* n R̂(K) = λ fᵀ(K + λ)⁻¹f + σ² s_λ. *)
Definition risk_estimate sigma2 lambda K f : R :=
  lambda * form (resolvent lambda K) f + sigma2 * statistical_dimension lambda K.

End Definitions.

Section Resolvent.
Variables (R : realFieldType) (n : nat) (K : 'M[R]_n) (lambda : R).
Hypotheses (sym : symmetric K) (psd : semidefinite K) (pos : 0 < lambda).
Local Notation C := (shifted lambda K).
Local Notation G := (resolvent lambda K).
Local Notation S := (smoother lambda K).

Lemma symmetric_shifted : symmetric C.
Proof. by rewrite /symmetric /shifted raddfD /= sym tr_scalar_mx. Qed.

Lemma definite_shifted : definite C.
Proof.
move=> x x0; rewrite formD form_scalar ltr_paddl // mulr_gt0 //.
by rewrite lt_def dot_eq0 x0 dot_ge0.
Qed.

Lemma unit_shifted : C \in unitmx.
Proof. exact/definite_unit/definite_shifted. Qed.

Lemma symmetric_resolvent : symmetric G.
Proof. exact/symmetric_inv/symmetric_shifted. Qed.

(* S = 1 − λ(K + λ)⁻¹. *)
Lemma smootherE : S = 1%:M - lambda *: G.
Proof.
have: C *m G = 1%:M by rewrite mulmxV ?unit_shifted.
by rewrite mulmxDl mul_scalar_mx => <-; rewrite addrK.
Qed.

Lemma symmetric_smoother : symmetric S.
Proof. by rewrite /symmetric smootherE raddfB /= linearZ /= symmetric_resolvent trmx1. Qed.

(* λ(K + λ)⁻¹ = λ²(K + λ)⁻² + λ(K + λ)⁻¹K(K + λ)⁻¹. *)
Lemma resolvent_split : lambda *: G = lambda ^+ 2 *: (G^T *m G) + lambda *: (G^T *m K *m G).
Proof.
rewrite expr2 -scalerA -scalerDr; congr (_ *: _).
rewrite -mulmxA -[K *m G]/(smoother lambda K) smootherE mulmxBr mulmx1 -scalemxAr.
by rewrite symmetric_resolvent addrC subrK.
Qed.

(* S = S² + λ(K + λ)⁻¹K(K + λ)⁻¹. *)
Lemma smoother_split : S = S^T *m S + lambda *: (G^T *m K *m G).
Proof.
rewrite symmetric_smoother symmetric_resolvent {2}smootherE mulmxBl mul1mx -scalemxAl.
by rewrite -[G *m K *m G]mulmxA subrK.
Qed.

Lemma middle_semidefinite : semidefinite (lambda *: (G^T *m K *m G)).
Proof. by move=> x; rewrite formZ mulr_ge0 ?(ltW pos) ?semidefinite_congruence. Qed.

Lemma semidefinite_smoother : semidefinite S.
Proof.
move=> x; rewrite smoother_split formD addr_ge0 ?middle_semidefinite //.
exact: semidefinite_gram.
Qed.

(* λ²‖(K + λ)⁻¹f‖² ≤ λ fᵀ(K + λ)⁻¹f. *)
Lemma bias_le f : lambda ^+ 2 * dot (G *m f) (G *m f) <= lambda * form G f.
Proof.
rewrite -[lambda * form G f]formZ resolvent_split formD formZ form_gram.
by rewrite ler_addl middle_semidefinite.
Qed.

(* tr S² ≤ tr S. *)
Lemma variance_le : \tr (S^T *m S) <= \tr S.
Proof.
apply: trace_le => x; rewrite [in X in _ <= X]smoother_split formD.
by rewrite ler_addl middle_semidefinite.
Qed.

End Resolvent.

Section Risk.
Variables (R : realFieldType) (n : nat) (W : finType) (p : W -> R) (noise : W -> 'cV[R]_n).
Variables (sigma2 lambda : R) (K : 'M[R]_n) (f : 'cV[R]_n).
Hypotheses (total : distribution p) (noiseP : white p sigma2 noise).
Hypotheses (sym : symmetric K) (psd : semidefinite K) (pos : 0 < lambda).

(* E⟨x, noise⟩ = 0. *)
Lemma mean_dot_noise (x : 'cV[R]_n) : mean p (fun w => dot x (noise w)) = 0.
Proof.
rewrite (eq_mean _ (fun w => dotE x (noise w))) mean_sum big1 // => i _.
by rewrite meanZ noiseP.1 mulr0.
Qed.

(* E[noiseᵀ M noise] = σ² tr M. *)
Lemma mean_form_noise (M : 'M[R]_n) : mean p (fun w => form M (noise w)) = sigma2 * \tr M.
Proof.
have expand w : form M (noise w) = \sum_i \sum_j M i j * (noise w i 0 * noise w j 0).
  rewrite /form dotE; apply: eq_bigr => i _; rewrite mxE mulr_sumr.
  by apply: eq_bigr => j _; rewrite mulrCA.
rewrite (eq_mean _ expand) mean_sum /mxtrace mulr_sumr; apply: eq_bigr => i _.
rewrite mean_sum (bigD1 i) //= big1 => [|j ji]; last first.
  by rewrite meanZ noiseP.2 eq_sym (negbTE ji) mulr0n mulr0.
by rewrite meanZ noiseP.2 eqxx mulr1n addr0 mulrC.
Qed.

(* The risk is bias² and variance: n R(K) = λ²‖(K + λ)⁻¹f‖² + σ² tr S². *)
Theorem ridge_risk :
  risk p noise lambda K f
  = (lambda ^+ 2 * dot (resolvent lambda K *m f) (resolvent lambda K *m f)
     + sigma2 * \tr (smoother lambda K *m smoother lambda K)) / n%:R.
Proof.
congr (_ / _); set S := smoother lambda K; set g := resolvent lambda K *m f.
have Sf : S *m f = f - lambda *: g by rewrite /S smootherE // mulmxBl mul1mx -scalemxAl.
have errorE w : S *m (f + noise w) - f = S *m noise w - lambda *: g.
  by rewrite mulmxDr Sf addrC !addrA addNr add0r addrC.
have square w : dot (S *m (f + noise w) - f) (S *m (f + noise w) - f)
    = form (S^T *m S) (noise w) + - (2%:R * lambda) * dot (S^T *m g) (noise w)
      + lambda ^+ 2 * dot g g.
  rewrite errorE form_gram dot_sub dotZr (dotC (S^T *m g)) -dot_mul mulNr mulrA.
  by rewrite dotZr (dotC (lambda *: g)) dotZr mulrA -expr2.
rewrite (eq_mean _ square) !meanD meanZ mean_form_noise mean_dot_noise mulr0 addr0.
by rewrite mean_const // symmetric_smoother // addrC.
Qed.

(* The risk is at most its estimate: n R(K) ≤ λ fᵀ(K + λ)⁻¹f + σ² s_λ. *)
Theorem ridge_risk_estimate :
  0 <= sigma2 -> risk p noise lambda K f <= risk_estimate sigma2 lambda K f / n%:R.
Proof.
move=> sigma2_ge0; rewrite ridge_risk ler_wpmul2r ?invr_ge0 ?ler0n // ler_add ?bias_le //.
by rewrite ler_wpmul2l // -{1}[smoother _ _]symmetric_smoother // variance_le.
Qed.

End Risk.
