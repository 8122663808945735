(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* What the spectral error ε of an approximation A of a kernel matrix K says of ridge regression:
   if (K + λ)/(1 + ε) ⪯ A + λ ⪯ (1 + ε)(K + λ), then bias estimates agree within 1 + ε and the risk
   is at most (1 + ε) R̂(K) + ε/(1 + ε) · σ² rank(A)/n. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation PositiveSemidefinite RidgeRisk.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* The orthogonal projection on the rows of V, which are independent. *)
Section Projection.
Variables (R : realFieldType) (r n : nat) (V : 'M[R]_(r, n)).
Hypothesis free : row_free V.
Local Notation gram := (V *m V^T).

Definition projection : 'M[R]_n := V^T *m invmx gram *m V.

Lemma gram_unit : gram \in unitmx.
Proof.
apply: definite_unit => x x0; rewrite -{1}[V]trmxK form_gram lt_def dot_ge0 dot_eq0 andbT.
apply: contraNneq x0 => Vx; rewrite -trmx_eq0 -(mulmx_free_eq0 _ free).
by rewrite -[V]trmxK -trmx_mul Vx trmx0.
Qed.

Lemma projection_symmetric : symmetric projection.
Proof.
have symG : symmetric gram by rewrite /symmetric trmx_mul trmxK.
by rewrite /symmetric /projection !trmx_mul trmxK mulmxA (symmetric_inv symG).
Qed.

Lemma mul_projection : V *m projection = V.
Proof. by rewrite /projection !mulmxA mulmxV ?mul1mx ?gram_unit. Qed.

Lemma projection_idempotent : projection *m projection = projection.
Proof. by rewrite {1}/projection -mulmxA mul_projection. Qed.

Lemma trace_projection : \tr projection = r%:R.
Proof.
by rewrite /projection -mulmxA mxtrace_mulC -mulmxA mulVmx ?mxtrace1 ?gram_unit.
Qed.

End Projection.

(* Every matrix A has a projection P of trace rank A with AP = A. *)
Lemma range_projection (R : realFieldType) n (A : 'M[R]_n) :
  exists P, [/\ symmetric P, P *m P = P, A *m P = A & \tr P = (\rank A)%:R].
Proof.
have free := row_base_free A; exists (projection (row_base A)); split.
- exact: projection_symmetric.
- exact: projection_idempotent.
- have /submxP[D AE] : (A <= row_base A)%MS by rewrite eq_row_base.
  by rewrite {1}AE -mulmxA mul_projection // -AE.
- exact: trace_projection.
Qed.

(* tr PX ≤ tr PY for X ⪯ Y and an orthogonal projection P. *)
Lemma trace_mul_projection (R : realFieldType) n (P X Y : 'M[R]_n) :
  symmetric P -> P *m P = P -> loewner X Y -> \tr (P *m X) <= \tr (P *m Y).
Proof.
move=> sym idem le.
have sandwich M : \tr (P *m M) = \tr (P^T *m M *m P).
  by rewrite sym [RHS]mxtrace_mulC mulmxA idem.
by rewrite !sandwich trace_le //; apply: loewner_congruence.
Qed.

(* tr PX ≤ tr X for X ⪰ 0 and an orthogonal projection P. *)
Lemma trace_projection_le (R : realFieldType) n (P X : 'M[R]_n) :
  symmetric P -> P *m P = P -> semidefinite X -> \tr (P *m X) <= \tr X.
Proof.
move=> sym idem psd; rewrite -subr_ge0 -raddfB -{1}[X]mul1mx -mulmxBl.
have idem' : (1%:M - P) *m (1%:M - P) = 1%:M - P.
  by rewrite mulmxBl mul1mx mulmxBr mulmx1 idem subrr subr0.
have sym' : symmetric (1%:M - P) by rewrite /symmetric raddfB /= trmx1 sym.
rewrite -(mxtrace0 R n) -(mulmx0 n (1%:M - P)); apply: trace_mul_projection => // x.
by rewrite {1}/form mul0mx /dot mulmx0 mxE; apply: psd.
Qed.

Section SpectralRisk.
Variables (R : realFieldType) (n : nat) (K A : 'M[R]_n) (lambda epsilon : R).
Hypotheses (symK : symmetric K) (psdK : semidefinite K).
Hypotheses (symA : symmetric A) (psdA : semidefinite A).
Hypotheses (pos : 0 < lambda) (epsilon_ge0 : 0 <= epsilon).
Hypothesis lower : loewner ((1 + epsilon)^-1 *: shifted lambda K) (shifted lambda A).
Hypothesis upper : loewner (shifted lambda A) ((1 + epsilon) *: shifted lambda K).
Local Notation factor := (1 + epsilon).
Local Notation GK := (resolvent lambda K).
Local Notation GA := (resolvent lambda A).

Lemma factor_gt0 : 0 < factor.
Proof. by rewrite ltr_paddr ?ltr01. Qed.

Lemma scaled_inverse a : 0 < a ->
  invmx (a *: shifted lambda K) = a^-1 *: GK /\ symmetric (a *: shifted lambda K)
  /\ definite (a *: shifted lambda K).
Proof.
move=> a_gt0; have unit : a *: shifted lambda K \in unitmx.
  by rewrite unitmxZ ?unitfE ?lt0r_neq0 ?unit_shifted.
split; last split.
- by rewrite invmxZ.
- by rewrite /symmetric linearZ /= symmetric_shifted.
- by move=> x x0; rewrite formZ mulr_gt0 // definite_shifted.
Qed.

(* (A + λ)⁻¹ ⪯ (1 + ε)(K + λ)⁻¹. *)
Lemma resolvent_upper : loewner GA (factor *: GK).
Proof.
have [|inv [symS pdS]] := @scaled_inverse factor^-1; first by rewrite invr_gt0 factor_gt0.
by rewrite -[factor]invrK -inv; apply: loewner_inv => //; apply: symmetric_shifted.
Qed.

(* (K + λ)⁻¹/(1 + ε) ⪯ (A + λ)⁻¹. *)
Lemma resolvent_lower : loewner (factor^-1 *: GK) GA.
Proof.
have [inv [symS _]] := scaled_inverse factor_gt0.
rewrite -inv; apply: loewner_inv => //; first exact: symmetric_shifted.
exact: definite_shifted.
Qed.

(* The penalised loss λ yᵀ(K + λ)⁻¹y of every target agrees within 1 + ε, both ways. *)
Theorem penalised_loss_within y :
  lambda * form GK y / factor <= lambda * form GA y <= factor * (lambda * form GK y).
Proof.
rewrite -mulrA [_ / factor]mulrC [factor * _]mulrCA !ler_wpmul2l ?(ltW pos) //.
  by rewrite -formZ resolvent_upper.
by rewrite -formZ resolvent_lower.
Qed.

(* s_λ(A) ≤ (s_λ(K) + ε rank A)/(1 + ε). *)
Theorem statistical_dimension_within :
  statistical_dimension lambda A
  <= (statistical_dimension lambda K + epsilon * (\rank A)%:R) / factor.
Proof.
have [P [symP idemP AP trP]] := range_projection A.
have trace_smoother (X : 'M[R]_n) : symmetric X -> semidefinite X ->
    \tr (P *m smoother lambda X) = (\rank A)%:R - lambda * \tr (P *m resolvent lambda X).
  by move=> symX psdX; rewrite smootherE // mulmxBr mulmx1 -scalemxAr raddfB /= linearZ trP.
have PA : P *m A = A by rewrite -symP -{1}symA -trmx_mul AP symA.
have on_range : statistical_dimension lambda A = \tr (P *m smoother lambda A).
  by rewrite mulmxA PA.
have := trace_mul_projection symP idemP resolvent_lower.
have := trace_projection_le symP idemP (semidefinite_smoother symK psdK pos).
rewrite on_range !trace_smoother // -scalemxAr linearZ /= ler_pdivl_mulr ?factor_gt0 //.
rewrite -/(statistical_dimension lambda K) ler_pdivr_mull ?factor_gt0 // => range_K le.
have split : ((\rank A)%:R - lambda * \tr (P *m GA)) * factor
             = (\rank A)%:R - lambda * (factor * \tr (P *m GA)) + epsilon * (\rank A)%:R.
  by rewrite mulrBl [_%:R * _]mulrDr mulr1 (mulrC _%:R) -mulrA [\tr _ * _]mulrC addrAC.
rewrite split ler_add2r; apply: le_trans range_K.
by rewrite ler_add2l ler_opp2 ler_wpmul2l // ltW.
Qed.

Variables (W : finType) (p : W -> R) (noise : W -> 'cV[R]_n) (sigma2 : R) (f : 'cV[R]_n).
Hypotheses (total : distribution p) (noiseP : white p sigma2 noise) (sigma2_ge0 : 0 <= sigma2).

(* n R(A) ≤ (1 + ε) λ fᵀ(K + λ)⁻¹f + σ² (s_λ(K) + ε rank A)/(1 + ε). *)
Theorem risk_within :
  risk p noise lambda A f
  <= (factor * (lambda * form GK f)
      + sigma2 * ((statistical_dimension lambda K + epsilon * (\rank A)%:R) / factor)) / n%:R.
Proof.
apply: le_trans (ridge_risk_estimate f total noiseP symA psdA pos sigma2_ge0) _.
rewrite ler_wpmul2r ?invr_ge0 ?ler0n // ler_add //; last first.
  by rewrite ler_wpmul2l // statistical_dimension_within.
by have /andP[_] := penalised_loss_within f.
Qed.

(* R(A) ≤ (1 + ε) R̂(K) + ε/(1 + ε) · σ² rank(A)/n. *)
Theorem risk_within_estimate :
  risk p noise lambda A f
  <= factor * (risk_estimate sigma2 lambda K f / n%:R)
     + epsilon / factor * (sigma2 * (\rank A)%:R / n%:R).
Proof.
set s := statistical_dimension lambda K; set r := (\rank A)%:R.
have s_ge0 : 0 <= s by apply/trace_ge0/semidefinite_smoother.
have one_le : 1 <= factor by rewrite ler_addl.
have shrunk : s / factor <= factor * s.
  by rewrite (@le_trans _ _ s) ?ler_pemull // ler_pdivr_mulr ?factor_gt0 // ler_pemulr.
apply: le_trans risk_within _; rewrite -/s -/r [factor * (_ / _)]mulrA.
rewrite [epsilon / _ * (_ / _)]mulrA -mulrDl.
rewrite ler_wpmul2r ?invr_ge0 ?ler0n // /risk_estimate -/s mulrDr -addrA ler_add2l.
rewrite [(s + _) / _]mulrDl [sigma2 * _]mulrDr [factor * _]mulrCA ler_add // ?ler_wpmul2l //.
by rewrite [X in _ <= X]mulrCA [epsilon / _ * r]mulrAC lexx.
Qed.

End SpectralRisk.
