(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The order A ⪯ B of square matrices, xᵀAx ≤ xᵀBx for all x, over any ordered field: it passes to
   traces and congruences, and inversion turns it round. *)

From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Forms.
Variables (R : realFieldType).
Implicit Types (m n : nat).

(* xᵀy. *)
Definition dot n (x y : 'cV[R]_n) : R := (x^T *m y) 0 0.

(* xᵀAx. *)
Definition form n (A : 'M[R]_n) (x : 'cV[R]_n) : R := dot x (A *m x).

(* A ⪯ B. *)
Definition loewner n (A B : 'M[R]_n) := forall x, form A x <= form B x.

Definition semidefinite n (A : 'M[R]_n) := forall x, 0 <= form A x.
Definition definite n (A : 'M[R]_n) := forall x, x != 0 -> 0 < form A x.
Definition symmetric n (A : 'M[R]_n) := A^T = A.

Lemma dotE n (x y : 'cV[R]_n) : dot x y = \sum_i x i 0 * y i 0.
Proof. by rewrite /dot mxE; apply: eq_bigr => i _; rewrite mxE. Qed.

Lemma dotC n (x y : 'cV[R]_n) : dot x y = dot y x.
Proof. by rewrite !dotE; apply: eq_bigr => i _; rewrite mulrC. Qed.

Lemma dotDr n (x y z : 'cV[R]_n) : dot x (y + z) = dot x y + dot x z.
Proof. by rewrite /dot mulmxDr mxE. Qed.

Lemma dotNr n (x y : 'cV[R]_n) : dot x (- y) = - dot x y.
Proof. by rewrite /dot mulmxN mxE. Qed.

Lemma dotZr n a (x y : 'cV[R]_n) : dot x (a *: y) = a * dot x y.
Proof. by rewrite /dot -scalemxAr mxE. Qed.

Lemma dotBr n (x y z : 'cV[R]_n) : dot x (y - z) = dot x y - dot x z.
Proof. by rewrite dotDr dotNr. Qed.

Lemma dotBl n (x y z : 'cV[R]_n) : dot (x - y) z = dot x z - dot y z.
Proof. by rewrite dotC dotBr !(dotC z). Qed.

Lemma dot_sub n (x y : 'cV[R]_n) : dot (x - y) (x - y) = dot x x - 2%:R * dot x y + dot y y.
Proof. by rewrite dotBr !dotBl (dotC y x) mulr_natl mulr2n opprB !opprD !addrA addrAC. Qed.

Lemma dot_mul m n (N : 'M[R]_(m, n)) x y : dot (N *m x) y = dot x (N^T *m y).
Proof. by rewrite /dot trmx_mul mulmxA. Qed.

Lemma dot_ge0 n (x : 'cV[R]_n) : 0 <= dot x x.
Proof. by rewrite dotE sumr_ge0 // => i _; rewrite -expr2 sqr_ge0. Qed.

Lemma dot_eq0 n (x : 'cV[R]_n) : (dot x x == 0) = (x == 0).
Proof.
apply/eqP/eqP => [|->]; last by rewrite /dot mulmx0 mxE.
rewrite dotE => /eqP; rewrite psumr_eq0 => [/allP zero|i _]; last by rewrite -expr2 sqr_ge0.
apply/matrixP => i j; rewrite ord1 mxE; apply/eqP.
by have := zero i (mem_index_enum i); rewrite mulf_eq0 orbb.
Qed.

Lemma formD n (A B : 'M[R]_n) x : form (A + B) x = form A x + form B x.
Proof. by rewrite /form mulmxDl dotDr. Qed.

Lemma formB n (A B : 'M[R]_n) x : form (A - B) x = form A x - form B x.
Proof. by rewrite /form mulmxBl dotBr. Qed.

Lemma formZ n a (A : 'M[R]_n) x : form (a *: A) x = a * form A x.
Proof. by rewrite /form -scalemxAl dotZr. Qed.

Lemma form_scalar n a (x : 'cV[R]_n) : form a%:M x = a * dot x x.
Proof. by rewrite /form mul_scalar_mx dotZr. Qed.

Lemma form_congruence m n (A : 'M[R]_m) (N : 'M[R]_(m, n)) x :
  form (N^T *m A *m N) x = form A (N *m x).
Proof. by rewrite /form dot_mul !mulmxA. Qed.

Lemma form_gram m n (N : 'M[R]_(m, n)) x : form (N^T *m N) x = dot (N *m x) (N *m x).
Proof. by rewrite /form dot_mul !mulmxA. Qed.

Lemma form_delta n (A : 'M[R]_n) i : form A (delta_mx i 0) = A i i.
Proof. by rewrite /form /dot trmx_delta -rowE -colE !mxE. Qed.

Lemma loewner_sub n (A B : 'M[R]_n) : loewner A B <-> semidefinite (B - A).
Proof.
by split=> le x; have := le x; rewrite formB subr_ge0.
Qed.

Lemma semidefinite_congruence m n (A : 'M[R]_m) (N : 'M[R]_(m, n)) :
  semidefinite A -> semidefinite (N^T *m A *m N).
Proof. by move=> psd x; rewrite form_congruence. Qed.

Lemma semidefinite_gram m n (N : 'M[R]_(m, n)) : semidefinite (N^T *m N).
Proof. by move=> x; rewrite form_gram dot_ge0. Qed.

(* If A ⪰ 0 then tr A ≥ 0. *)
Lemma trace_ge0 n (A : 'M[R]_n) : semidefinite A -> 0 <= \tr A.
Proof. by move=> psd; apply: sumr_ge0 => i _; rewrite -form_delta. Qed.

(* If A ⪯ B then tr A ≤ tr B. *)
Lemma trace_le n (A B : 'M[R]_n) : loewner A B -> \tr A <= \tr B.
Proof. by move=> /loewner_sub/trace_ge0; rewrite raddfB subr_ge0. Qed.

Lemma loewner_congruence m n (A B : 'M[R]_m) (N : 'M[R]_(m, n)) :
  loewner A B -> loewner (N^T *m A *m N) (N^T *m B *m N).
Proof. by move=> le x; rewrite !form_congruence. Qed.

Lemma definite_le n (A B : 'M[R]_n) : definite A -> loewner A B -> definite B.
Proof. by move=> pd le x /pd; move/lt_le_trans; apply. Qed.

Lemma definite_semidefinite n (A : 'M[R]_n) : definite A -> semidefinite A.
Proof.
move=> pd x; have [->|/pd/ltW//] := eqVneq x 0.
by rewrite /form mulmx0 /dot mulmx0 mxE.
Qed.

(* A positive definite matrix has an inverse. *)
Lemma definite_unit n (A : 'M[R]_n) : definite A -> A \in unitmx.
Proof.
move=> pd; rewrite -row_free_unit -kermx_eq0; apply/rowV0P => v /sub_kermxP vA.
apply/eqP/negPn/negP => v0.
have /pd : v^T != 0 by rewrite -trmx0 (inj_eq trmx_inj).
by rewrite /form /dot trmxK mulmxA vA mul0mx mxE ltxx.
Qed.

Lemma symmetric_inv n (A : 'M[R]_n) : symmetric A -> symmetric (invmx A).
Proof. by rewrite /symmetric trmx_inv => ->. Qed.

Lemma semidefinite_inv n (A : 'M[R]_n) :
  symmetric A -> definite A -> semidefinite (invmx A).
Proof.
move=> sym pd; have unit := definite_unit pd.
have -> : invmx A = (invmx A)^T *m A *m invmx A.
  by rewrite symmetric_inv // -mulmxA mulmxV // mulmx1.
exact/semidefinite_congruence/definite_semidefinite.
Qed.

(* If 0 ≺ A ⪯ B, both symmetric, then B⁻¹ ⪯ A⁻¹. With u = B⁻¹x and v = A⁻¹x,
   xᵀA⁻¹x − xᵀB⁻¹x ≥ (v − u)ᵀA(v − u) ≥ 0. *)
Lemma loewner_inv n (A B : 'M[R]_n) : symmetric A -> symmetric B -> definite A ->
  loewner A B -> loewner (invmx B) (invmx A).
Proof.
move=> symA symB pdA le x.
have unitA := definite_unit pdA; have unitB := definite_unit (definite_le pdA le).
set u := invmx B *m x; set v := invmx A *m x.
have Av : A *m v = x by rewrite mulKVmx.
have Bu : B *m u = x by rewrite mulKVmx.
have vx : form (invmx A) x = dot v x by rewrite /form dotC.
have ux : form (invmx B) x = dot u x by rewrite /form dotC.
have vAu : dot v (A *m u) = dot u x by rewrite -{1}symA -dot_mul Av dotC.
have uAu : dot u (A *m u) <= dot u x by have := le u; rewrite /form Bu.
rewrite vx ux -subr_ge0; apply: le_trans (definite_semidefinite pdA (v - u)) _.
rewrite /form mulmxBr Av dotBr !dotBl vAu.
by rewrite ler_subl_addl ler_addr subr_ge0.
Qed.

End Forms.
