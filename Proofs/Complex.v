(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Complex numbers u + i v over an ordered field, as a commutative ring with conjugation. *)

From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Complex.

Variable R : realFieldType.

Record complex : Type := Complex { re : R; im : R }.

Definition pair_of_complex (z : complex) : R * R := (re z, im z).
Definition complex_of_pair (p : R * R) : complex := Complex p.1 p.2.

Lemma pair_of_complexK : cancel pair_of_complex complex_of_pair.
Proof. by case. Qed.

Definition complex_eqMixin := CanEqMixin pair_of_complexK.
Canonical complex_eqType := EqType complex complex_eqMixin.
Definition complex_choiceMixin := CanChoiceMixin pair_of_complexK.
Canonical complex_choiceType := ChoiceType complex complex_choiceMixin.

Lemma complexP (y z : complex) : re y = re z -> im y = im z -> y = z.
Proof. by case: y => u v; case: z => u' v' /= -> ->. Qed.

Definition add_complex (y z : complex) := Complex (re y + re z) (im y + im z).
Definition opp_complex (z : complex) := Complex (- re z) (- im z).
Definition mul_complex (y z : complex) :=
  Complex (re y * re z - im y * im z) (re y * im z + im y * re z).

Lemma add_complexA : associative add_complex.
Proof. by move=> x y z; apply: complexP; rewrite /= addrA. Qed.

Lemma add_complexC : commutative add_complex.
Proof. by move=> y z; apply: complexP; rewrite /= addrC. Qed.

Lemma add_0complex : left_id (Complex 0 0) add_complex.
Proof. by move=> z; apply: complexP; rewrite /= add0r. Qed.

Lemma add_Ncomplex : left_inverse (Complex 0 0) opp_complex add_complex.
Proof. by move=> z; apply: complexP; rewrite /= addNr. Qed.

Definition complex_zmodMixin := ZmodMixin add_complexA add_complexC add_0complex add_Ncomplex.
Canonical complex_zmodType := ZmodType complex complex_zmodMixin.

Lemma mul_complexA : associative mul_complex.
Proof.
move=> x y z; apply: complexP; rewrite /= !mulrDr !mulrDl ?mulrN ?mulNr !mulrA.
  by rewrite !opprD !addrA addrAC; congr (_ - _); rewrite addrAC.
by rewrite !addrA addrAC; congr (_ + _); rewrite addrAC.
Qed.

Lemma mul_complexC : commutative mul_complex.
Proof.
move=> y z; apply: complexP; rewrite /= [re y * _]mulrC [im y * _]mulrC //.
by rewrite addrC.
Qed.

Lemma mul_1complex : left_id (Complex 1 0) mul_complex.
Proof. by move=> z; apply: complexP; rewrite /= !mul1r !mul0r ?subr0 ?addr0. Qed.

Lemma mul_complexDl : left_distributive mul_complex +%R.
Proof.
move=> x y z; apply: complexP; rewrite /= !mulrDl; last by rewrite addrACA.
by rewrite opprD addrACA.
Qed.

Lemma one_complex_neq0 : Complex 1 0 != 0 :> complex.
Proof. by apply/eqP => /(congr1 re) /= /eqP; rewrite oner_eq0. Qed.

Definition complex_ringMixin :=
  ComRingMixin mul_complexA mul_complexC mul_1complex mul_complexDl one_complex_neq0.
Canonical complex_ringType := RingType complex complex_ringMixin.
Canonical complex_comRingType := ComRingType complex mul_complexC.

(* The conjugate u - i v. *)
Definition conj (z : complex) : complex := Complex (re z) (- im z).

(* |z|^2 = u^2 + v^2. *)
Definition square_norm (z : complex) : R := re z ^+ 2 + im z ^+ 2.

(* A real number. *)
Definition of_real (r : R) : complex := Complex r 0.

Lemma reD y z : re (y + z) = re y + re z. Proof. by []. Qed.
Lemma imD y z : im (y + z) = im y + im z. Proof. by []. Qed.
Lemma reM y z : re (y * z) = re y * re z - im y * im z. Proof. by []. Qed.
Lemma imM y z : im (y * z) = re y * im z + im y * re z. Proof. by []. Qed.

Lemma re_sum (I : finType) (f : I -> complex) : re (\sum_i f i) = \sum_i re (f i).
Proof. exact: (big_morph re reD). Qed.

Lemma im_sum (I : finType) (f : I -> complex) : im (\sum_i f i) = \sum_i im (f i).
Proof. exact: (big_morph im imD). Qed.

Lemma conjD y z : conj (y + z) = conj y + conj z.
Proof. by apply: complexP; rewrite //= opprD. Qed.

Lemma conjM y z : conj (y * z) = conj y * conj z.
Proof. by apply: complexP; rewrite /= ?mulrNN // mulrN mulNr -opprD. Qed.

Lemma conj_sum (I : finType) (f : I -> complex) : conj (\sum_i f i) = \sum_i conj (f i).
Proof. by apply: (big_morph conj conjD); apply: complexP; rewrite /= ?oppr0. Qed.

Lemma conj_prod (I : finType) (f : I -> complex) : conj (\prod_i f i) = \prod_i conj (f i).
Proof. by apply: (big_morph conj conjM); apply: complexP; rewrite /= ?oppr0. Qed.

(* z conj(z) = |z|^2. *)
Lemma mul_conj z : z * conj z = of_real (square_norm z).
Proof.
by apply: complexP; rewrite /= /square_norm ?mulrN ?opprK -?expr2 // mulrC addNr.
Qed.

Lemma re_of_realM r z : re (of_real r * z) = r * re z.
Proof. by rewrite reM /= mul0r subr0. Qed.

Lemma im_of_realM r z : im (of_real r * z) = r * im z.
Proof. by rewrite imM /= mul0r addr0. Qed.

Lemma of_realM r t : of_real (r * t) = of_real r * of_real t.
Proof. by apply: complexP; rewrite /= ?mul0r ?mulr0 ?subr0 ?addr0. Qed.

(* |y z|^2 = |y|^2 |z|^2. *)
Lemma square_normM y z : square_norm (y * z) = square_norm y * square_norm z.
Proof. by rewrite -[LHS]/(re (of_real _)) -mul_conj conjM mulrACA !mul_conj -of_realM. Qed.

Lemma square_norm_prod (I : finType) (f : I -> complex) :
  square_norm (\prod_i f i) = \prod_i square_norm (f i).
Proof.
apply: (big_morph square_norm square_normM).
by rewrite /square_norm /= expr1n expr0n addr0.
Qed.

(* 2 (re z)^2 = |z|^2 + re z^2. *)
Lemma re_sqr z : (re z) ^+ 2 *+ 2 = square_norm z + re (z * z).
Proof. by rewrite /square_norm reM -!expr2 addrACA subrr addr0 mulr2n. Qed.

End Complex.
