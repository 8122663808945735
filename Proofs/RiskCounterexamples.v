(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* What the spectral error does not say: the risk of ridge regression with an approximation of error
   ε = 1 is within no factor of the risk with the kernel, neither its variance nor its bias. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import WeightedExpectation PositiveSemidefinite RidgeRisk.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* A and K have spectral error at most ε: (K + λ)/(1 + ε) ⪯ A + λ ⪯ (1 + ε)(K + λ). *)
Definition spectrally_close (R : realFieldType) n (epsilon lambda : R) (K A : 'M[R]_n) :=
  loewner ((1 + epsilon)^-1 *: shifted lambda K) (shifted lambda A) /\
  loewner (shifted lambda A) ((1 + epsilon) *: shifted lambda K).

(* Variance: with K = 0, A = I, λ = ε = 1 and f = 0, R(K) = 0 < R(A) for any noise. *)
Theorem no_risk_factor (R : realFieldType) (W : finType) (p : W -> R) (noise : W -> 'cV[R]_1)
    (sigma2 : R) : distribution p -> white p sigma2 noise -> 0 < sigma2 ->
  [/\ spectrally_close 1 1 0 (1%:M : 'M[R]_1),
      risk p noise 1 0 0 = 0 & 0 < risk p noise 1 1%:M 0].
Proof.
move=> total noiseP sigma2_gt0.
have psd0 : semidefinite (0 : 'M[R]_1) by move=> x; rewrite /form mul0mx /dot mulmx0 mxE.
have psd1 : semidefinite (1%:M : 'M[R]_1) by move=> x; rewrite form_scalar mul1r dot_ge0.
have shifted0 : shifted 1 (0 : 'M[R]_1) = 1%:M by rewrite /shifted add0r.
have shifted1 : shifted 1 (1%:M : 'M[R]_1) = (1 + 1)%:M by rewrite /shifted -raddfD.
split; first split.
- move=> x; rewrite shifted0 shifted1 formZ !form_scalar mul1r ler_wpmul2r ?dot_ge0 //.
  by rewrite (@le_trans _ _ 1) ?invf_le1 ?ler_addl ?ltr_paddl ?ler01 ?ltr01.
- by move=> x; rewrite shifted0 shifted1 formZ !form_scalar mul1r.
- rewrite (ridge_risk 0 total noiseP (trmx0 _ _ _) psd0 ltr01) !mulmx0 /smoother !mul0mx mxtrace0.
  by rewrite /dot mulmx0 mxE !mulr0 addr0 mul0r.
- rewrite (ridge_risk 0 total noiseP (trmx1 _ _) psd1 ltr01) !mulmx0 /smoother !mul1mx.
  rewrite /resolvent shifted1 invmx_scalar -scalar_mxM mxtrace_scalar /dot mulmx0 mxE mulr0 add0r.
  by rewrite divr1 mulr1n !mulr_gt0 ?invr_gt0 ?ltr_paddl ?ler01 ?ltr01.
Qed.

(* A symmetric 2 × 2 matrix by its entries. *)
Section TwoByTwo.
Variable R : realFieldType.
Implicit Types a b d k : R.

Definition entries a b d : 'M[R]_2 :=
  \matrix_(i, j) if i != j then b else if i == 0 then a else d.

Definition pair (x0 x1 : R) : 'cV[R]_2 := \col_i if i == 0 then x0 else x1.

Lemma entries_symmetric a b d : symmetric (entries a b d).
Proof. by apply/matrixP => i j; rewrite !mxE eq_sym; case: eqP => //= ->. Qed.

Lemma entriesZ k a b d : k *: entries a b d = entries (k * a) (k * b) (k * d).
Proof. by apply/matrixP => i j; rewrite !mxE !(fun_if ( *%R k)). Qed.

Lemma entriesB a b d a' b' d' :
  entries a b d - entries a' b' d' = entries (a - a') (b - b') (d - d').
Proof. by apply/matrixP => i j; rewrite !mxE; case: ifP => // _; case: ifP. Qed.

Lemma entries_shifted k a b d : shifted k (entries a b d) = entries (a + k) b (d + k).
Proof.
apply/matrixP => i j; rewrite !mxE; case: eqP => _ /=; rewrite ?mulr1n ?mulr0n ?addr0 //.
by case: ifP.
Qed.

Lemma dot_pair x0 x1 y0 y1 : dot (pair x0 x1) (pair y0 y1) = x0 * y0 + x1 * y1.
Proof. by rewrite dotE big_ord_recl big_ord1 !mxE. Qed.

Lemma mul_entries a b d x0 x1 :
  entries a b d *m pair x0 x1 = pair (a * x0 + b * x1) (b * x0 + d * x1).
Proof.
apply/colP => i; rewrite mxE big_ord_recl big_ord1 !mxE.
by case: i => [[|[|]]].
Qed.

Lemma pairE (x : 'cV[R]_2) : x = pair (x 0 0) (x 1 0).
Proof.
by apply/colP => -[[|[|]]] //= lt; rewrite mxE; congr (x _ _); apply: val_inj.
Qed.

(* It is positive semidefinite if a > 0 and b² ≤ ad. *)
Lemma entries_semidefinite a b d : 0 < a -> b ^+ 2 <= a * d -> semidefinite (entries a b d).
Proof.
move=> a_gt0 det x; rewrite [x]pairE /form mul_entries dot_pair.
move: (x 0 0) (x 1 0) => s t; rewrite -(pmulr_rge0 _ a_gt0).
have -> : a * (s * (a * s + b * t) + t * (b * s + d * t))
    = (a * s + b * t) ^+ 2 + (a * d - b ^+ 2) * t ^+ 2.
  rewrite expr2 [in RHS]mulrDl [b * t * _]mulrDr mulrBl -exprMn -[b * t * (b * t)]expr2.
  rewrite -addrA [X in _ = _ + X]addrACA subrr addr0 [LHS]mulrDr mulrA !mulrDr -!addrA.
  congr (_ + (_ + (_ + _))).
    by rewrite [t * (b * s)]mulrCA [LHS]mulrA [RHS]mulrACA [a * b]mulrC.
  by rewrite [t * (d * t)]mulrCA [LHS]mulrA -expr2.
by rewrite addr_ge0 ?sqr_ge0 // mulr_ge0 ?sqr_ge0 // subr_ge0.
Qed.

End TwoByTwo.

(* Bias: for every c there are K, A and f, close with ε = λ = 1, such that
   ‖(A + λ)⁻¹f‖² > c ‖(K + λ)⁻¹f‖². *)
Theorem no_bias_factor (R : realFieldType) (c : R) : exists (K A : 'M[R]_2) (f : 'cV[R]_2),
  [/\ symmetric K /\ semidefinite K, symmetric A /\ semidefinite A, spectrally_close 1 1 K A
    & c * dot (resolvent 1 K *m f) (resolvent 1 K *m f)
      < dot (resolvent 1 A *m f) (resolvent 1 A *m f)].
Proof.
pose b : R := 1 + 9%:R * `|c|; pose z := 2%:R * b ^+ 2.
have b_ge1 : 1 <= b by rewrite ler_addl mulr_ge0 ?ler0n.
have b_ge0 : 0 <= b by rewrite (le_trans ler01).
have double (r : R) : 2%:R * r - r = r by rewrite mulr_natl mulr2n addrK.
have le_double (r : R) : 0 <= r -> r <= 2%:R * r by move=> ?; rewrite mulr_natl mulr2n ler_addl.
have det : b ^+ 2 <= z - 1.
  by rewrite /z mulr_natl mulr2n -addrA ler_addl subr_ge0 exprn_ege1.
pose K := entries 1 0 (z - 1); pose A := entries 1 b (z - 1).
have shiftedK : shifted 1 K = entries 2%:R 0 z by rewrite entries_shifted subrK.
have shiftedA : shifted 1 A = entries 2%:R b z by rewrite entries_shifted subrK.
have psdK : semidefinite K.
  by apply: entries_semidefinite; rewrite ?ltr01 // expr0n mul1r (le_trans _ det) ?sqr_ge0.
have psdA : semidefinite A by apply: entries_semidefinite; rewrite ?ltr01 ?mul1r.
have [symK symA] : symmetric K /\ symmetric A by split; apply: entries_symmetric.
have solve (M : 'M[R]_2) u : symmetric M -> semidefinite M ->
    resolvent 1 M *m (shifted 1 M *m u) = u.
  by move=> symM psdM; rewrite mulKmx // unit_shifted ?ltr01.
pose u := pair (- (2%:R * b)) (2%:R * 2%:R); pose v := pair 0 3%:R : 'cV[R]_2.
have same : shifted 1 A *m u = shifted 1 K *m v.
  rewrite shiftedK shiftedA !mul_entries !mul0r mulr0 !add0r; congr pair.
    by rewrite mulrN mulrA [b * _]mulrC addNr.
  rewrite mulrN mulrCA -expr2 -/z -[X in - X]mulr1 -mulrN -mulrDr; congr (_ * _).
  by rewrite -natrM addrC (_ : 2 * 2 = 3 + 1)%N // natrD addrK.
exists K, A, (shifted 1 A *m u); split=> //.
- have half : (1 + 1)^-1 * 2%:R = 1 :> R by rewrite -[1 + 1]/2%:R mulVf ?pnatr_eq0.
  split; apply/loewner_sub; rewrite shiftedK shiftedA entriesZ entriesB mulr0.
    rewrite half subr0 {2}/z mulrA half mul1r double; apply: entries_semidefinite.
      by rewrite -[2%:R]/(1 + 1) addrK ltr01.
    by rewrite -[2%:R]/(1 + 1) addrK mul1r.
  rewrite -[1 + 1]/2%:R !double sub0r; apply: entries_semidefinite; rewrite ?ltr0n //.
  have z_ge0 : 0 <= z by rewrite mulr_ge0 ?ler0n ?sqr_ge0.
  by rewrite sqrrN (le_trans (le_double _ (sqr_ge0 b))) ?le_double.
- rewrite {1 2}same !solve // !dot_pair mul0r add0r mulrNN.
  have small : c * (3%:R * 3%:R) < b.
    rewrite (le_lt_trans (y := 9%:R * `|c|)) ?ltr_addr ?ltr01 //.
    by rewrite -natrM mulrC ler_wpmul2l ?ler0n ?ler_norm.
  rewrite (lt_le_trans small) // ler_paddr ?mulr_ge0 ?ler0n //.
  rewrite (le_trans (le_double b b_ge0)) // ler_pemulr ?mulr_ge0 ?ler0n //.
  by rewrite (le_trans b_ge1) ?le_double.
Qed.
