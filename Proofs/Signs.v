(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Random signs: what the sketches need of their second and fourth moments, what follows for sums
   over four indices, and that independent fair signs have these moments. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section FourwiseSigns.

Variables (R : realFieldType) (W I : finType).

(* The fourth moment of independent signs: 1 if the indices fall into equal pairs, else 0. *)
Definition paired (i j k l : I) : R :=
  ((i == j) && (k == l))%:R
  + (i != j)%:R * (((i == k) && (j == l))%:R + ((i == l) && (j == k))%:R).

(* Signs s_i that are 1 or -1, with E s_i s_j s_k s_l as for independent fair ones. *)
Definition fourwise_signs (s : W -> I -> R) : Prop :=
  (forall w i, s w i * s w i = 1)
  /\ forall i j k l, \E_w (s w i * s w j * (s w k * s w l)) = paired i j k l.

(* The form sum_ij A_ij s_i s_j. *)
Definition sign_form (A : I -> I -> R) (s : I -> R) : R := \sum_i \sum_j A i j * (s i * s j).

(* A product of forms is a sum over four indices. *)
Lemma sign_form_product A B (s t : I -> R) :
  sign_form A s * sign_form B t
  = \sum_i \sum_j \sum_k \sum_l (A i j * B k l) * (s i * s j * (t k * t l)).
Proof.
rewrite /sign_form mulr_suml; apply: eq_bigr => i _.
rewrite mulr_suml; apply: eq_bigr => j _; rewrite mulr_sumr; apply: eq_bigr => k _.
by rewrite mulr_sumr; apply: eq_bigr => l _; rewrite mulrACA.
Qed.

(* Forms in signs s and t with E s_i s_j t_k t_l = [i = j][k = l]: E of the product is tr A tr B. *)
Lemma expectation_form_pair (s t : W -> I -> R) A B :
  (forall i j k l, \E_w (s w i * s w j * (t w k * t w l)) = (i == j)%:R * (k == l)%:R) ->
  \E_w (sign_form A (s w) * sign_form B (t w)) = (\sum_i A i i) * (\sum_i B i i).
Proof.
move=> moment; under eq_expectation do rewrite sign_form_product.
have trace (C : I -> I -> R) : \sum_i C i i = \sum_i \sum_j C i j * (i == j)%:R.
  by apply: eq_bigr => i _; rewrite -[LHS]sum_equal; apply: eq_bigr => j _; rewrite mulrC.
rewrite !trace expectation_sum mulr_suml; apply: eq_bigr => i _.
rewrite expectation_sum mulr_suml; apply: eq_bigr => j _.
rewrite expectation_sum mulr_sumr; apply: eq_bigr => k _.
rewrite expectation_sum mulr_sumr; apply: eq_bigr => l _.
by rewrite expectationZ moment mulrACA.
Qed.

Variable s : W -> I -> R.
Hypothesis s_signs : fourwise_signs s.

Lemma sign_sqr w i : s w i * s w i = 1.
Proof. by case: s_signs. Qed.

Lemma sign_sqrK w i r : s w i * (s w i * r) = r.
Proof. by rewrite mulrA sign_sqr mul1r. Qed.

(* E s_i s_j = [i = j]. *)
Lemma sign_moment2 i j : \E_w (s w i * s w j) = (i == j)%:R.
Proof.
case: s_signs => sqr moment4.
transitivity (\E_w (s w i * s w j * (s w j * s w j))).
  by apply: eq_expectation => w; rewrite sqr mulr1.
by rewrite moment4 /paired eqxx andbT; case: eqP => _ /=; rewrite !(mul0r, addr0, mulr0).
Qed.

(* E of a form is its trace: E sum_ij A_ij s_i s_j = sum_i A_ii. *)
Lemma expectation_form A : \E_w sign_form A (s w) = \sum_i A i i.
Proof.
rewrite expectation_sum; apply: eq_bigr => i _.
rewrite expectation_sum (bigD1 i) //= big1 ?addr0 => [|j ji].
  by rewrite expectationZ sign_moment2 eqxx mulr1.
by rewrite expectationZ sign_moment2 eq_sym (negPf ji) mulr0.
Qed.

Lemma sum_paired (f : I -> I -> R) (i j : I) :
  \sum_k \sum_l f k l * paired i j k l =
  (if i == j then \sum_k f k k else 0) + (if i != j then f i j + f j i else 0).
Proof.
have pick (u v : I) : \sum_k \sum_l f k l * ((u == k) && (v == l))%:R = f u v.
  rewrite (bigD1 u) //= (bigD1 v) //= !eqxx mulr1 !big1 ?addr0 //.
    by move=> k /negPf ku; apply: big1 => l _; rewrite eq_sym ku mulr0.
  by move=> l /negPf lv; rewrite eq_sym lv mulr0.
rewrite /paired; case: eqP => [_|ij] /=.
  rewrite addr0; apply: eq_bigr => k _; rewrite (bigD1 k) //= eqxx.
  rewrite mul0r addr0 mulr1 big1 ?addr0 // => l /negPf lk.
  by rewrite eq_sym lk mul0r addr0 mulr0.
rewrite add0r -[f i j]pick -[f j i]pick -big_split; apply: eq_bigr => k _.
rewrite -big_split; apply: eq_bigr => l _ /=.
by rewrite add0r mul1r mulrDr; congr (_ + _ * _%:R); rewrite andbC.
Qed.

(* Four indices contract to equal pairs: E sum_ijkl F_ijkl s_i s_j s_k s_l
   = sum_ik F_iikk + sum over i <> j of (F_ijij + F_ijji). *)
Lemma expectation_sum4 (F : I -> I -> I -> I -> R) :
  \E_w (\sum_i \sum_j \sum_k \sum_l F i j k l * (s w i * s w j * (s w k * s w l)))
  = \sum_i \sum_k F i i k k + \sum_i \sum_(j | j != i) (F i j i j + F i j j i).
Proof.
case: s_signs => _ moment4; rewrite -big_split expectation_sum; apply: eq_bigr => i _ /=.
rewrite expectation_sum.
transitivity (\sum_j ((if i == j then \sum_k F i j k k else 0)
    + (if i != j then F i j i j + F i j j i else 0))).
  apply: eq_bigr => j _; rewrite -sum_paired expectation_sum; apply: eq_bigr => k _.
  by rewrite expectation_sum; apply: eq_bigr => l _; rewrite expectationZ moment4.
rewrite big_split /= -!big_mkcond /= (big_pred1 i) => [|j]; last exact: eq_sym.
by congr (_ + _); apply: eq_bigl => j; rewrite eq_sym.
Qed.

(* Products of forms: E (sum_ij A_ij s_i s_j) (sum_kl B_kl s_k s_l)
   = tr A tr B + sum over i <> j of A_ij (B_ij + B_ji). *)
Lemma expectation_form2 A B :
  \E_w (sign_form A (s w) * sign_form B (s w))
  = (\sum_i A i i) * (\sum_i B i i) + \sum_i \sum_(j | j != i) A i j * (B i j + B j i).
Proof.
under eq_expectation do rewrite sign_form_product.
rewrite (expectation_sum4 (fun i j k l => A i j * B k l)) sum_product; congr (_ + _).
by apply: eq_bigr => i _; apply: eq_bigr => j _; rewrite mulrDr.
Qed.

(* Signs may be changed by fixed ones: u_i s_i with u_i = 1 or -1. *)
Lemma fourwise_signs_twist (u : I -> R) :
  (forall i, u i * u i = 1) -> fourwise_signs (fun w i => u i * s w i).
Proof.
case: s_signs => sqr moment4 u_sqr; split=> [w i|i j k l].
  by rewrite mulrACA u_sqr sqr mulr1.
transitivity ((u i * u j * (u k * u l)) * paired i j k l).
  rewrite -moment4 -expectationZ; apply: eq_expectation => w.
  by rewrite (mulrACA (u i) (s w i)) (mulrACA (u k) (s w k)) [LHS]mulrACA.
rewrite /paired; case: (eqVneq i j) => [->|ij] /=.
  rewrite u_sqr mul0r addr0 mul1r.
  by case: (eqVneq k l) => [->|_] /=; rewrite ?u_sqr ?mulr1 ?mulr0.
rewrite add0r mul1r mulrDr; congr (_ + _).
  by case: eqVneq => [->|_]; case: eqVneq => [->|_];
    rewrite /= ?mulr0 ?mulr1 // mulrACA !u_sqr mulr1.
by case: eqVneq => [->|_]; case: eqVneq => [->|_];
  rewrite /= ?mulr0 ?mulr1 // [u l * u k]mulrC mulrACA !u_sqr mulr1.
Qed.

End FourwiseSigns.

Section IndependentSigns.

Variables (R : realFieldType) (I : finType).

(* The signs that coins show: (-1)^(w_i). *)
Definition coin_signs (w : {ffun I -> bool}) (i : I) : R := (-1) ^+ w i.

Definition flip_coin (i : I) (w : {ffun I -> bool}) : {ffun I -> bool} :=
  [ffun j => w j (+) (j == i)].

Lemma flip_coinK i : involutive (flip_coin i).
Proof. by move=> w; apply/ffunP => j; rewrite !ffunE addbK. Qed.

Lemma coin_signs_flip i w j :
  coin_signs (flip_coin i w) j = (-1) ^+ (j == i) * coin_signs w j.
Proof. by rewrite /coin_signs ffunE signr_addb mulrC. Qed.

Lemma coin_signs_sqr w i : coin_signs w i * coin_signs w i = 1.
Proof. by rewrite -signr_addb addbb. Qed.

(* A function that changes sign with one of the coins has expectation 0. *)
Lemma coin_signs_odd i (f : {ffun I -> bool} -> R) :
  (forall w, f (flip_coin i w) = - f w) -> expectation f = 0.
Proof. exact: expectation_odd (@flip_coinK i). Qed.

(* E s_i s_j = [i = j]. *)
Lemma coin_signs_moment2 i j : \E_w (coin_signs w i * coin_signs w j) = (i == j)%:R.
Proof.
case: eqVneq => [->|ij].
  under eq_expectation do rewrite coin_signs_sqr.
  by rewrite expectation_const // card_ffun_gt0 // card_bool.
apply: (@coin_signs_odd i) => w; rewrite !coin_signs_flip eqxx eq_sym (negPf ij).
by rewrite mul1r mulN1r mulNr.
Qed.

(* Independent fair signs have the fourth moments asked for. *)
Theorem coin_signs_fourwise : fourwise_signs coin_signs.
Proof.
split=> [w i|i j k l]; first exact: coin_signs_sqr.
rewrite /paired; case: (eqVneq i j) => [->|ij] /=.
  rewrite mul0r addr0 -coin_signs_moment2; apply: eq_expectation => w.
  by rewrite coin_signs_sqr mul1r.
rewrite add0r mul1r; case: (eqVneq i k) => [<-|ik] /=.
  rewrite [j == i]eq_sym (negPf ij) andbF addr0 -coin_signs_moment2.
  by apply: eq_expectation => w; rewrite mulrACA coin_signs_sqr mul1r.
rewrite add0r; case: (eqVneq i l) => [<-|il] /=.
  rewrite -coin_signs_moment2; apply: eq_expectation => w.
  by rewrite [_ * coin_signs w i]mulrC mulrACA coin_signs_sqr mul1r.
apply: (@coin_signs_odd i) => w; rewrite !coin_signs_flip eqxx.
rewrite ![_ == i]eq_sym (negPf ij) (negPf ik) (negPf il).
by rewrite !mul1r mulN1r !mulNr.
Qed.

End IndependentSigns.
