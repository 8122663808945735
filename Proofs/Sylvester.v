(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Hadamard matrices, H H^T = D I with entries 1 and -1, and that Sylvester's is one. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Hadamard.

Variables (R : realFieldType) (I : finType).

(* Entries 1 and -1, and H H^T = D I. *)
Definition hadamard (H : I -> I -> R) : Prop :=
  (forall p i, H p i * H p i = 1) /\
  forall p q, \sum_i H p i * H q i = #|I|%:R * (p == q)%:R.

Lemma sum_enum_val (f : I -> R) : \sum_i f i = \sum_(p < #|I|) f (enum_val p).
Proof. by rewrite -big_enum_val; apply: eq_bigl. Qed.

(* Then also H^T H = D I. *)
Lemma hadamard_columns (H : I -> I -> R) : hadamard H ->
  forall i j, \sum_p H p i * H p j = #|I|%:R * (i == j)%:R.
Proof.
case=> _ rows i j; have D_neq0 : #|I|%:R != 0 :> R.
  by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists i.
pose M := \matrix_(p, k) H (enum_val p) (enum_val k) : 'M[R]_#|I|.
have MMt : M *m (#|I|%:R^-1 *: M^T) = 1%:M.
  apply/matrixP => p q; rewrite -scalemxAr !mxE.
  under eq_bigr do rewrite !mxE.
  rewrite -(sum_enum_val (fun k => H (enum_val p) k * H (enum_val q) k)) rows mulKf //.
  by rewrite (inj_eq enum_val_inj).
have /matrixP/(_ (enum_rank i) (enum_rank j)) := mulmx1C MMt.
rewrite -scalemxAl !mxE (inj_eq enum_rank_inj) => <-.
rewrite mulVKf //; under [RHS]eq_bigr do rewrite !mxE !enum_rankK.
by rewrite -(sum_enum_val (fun p => H p i * H p j)).
Qed.

End Hadamard.

Section Sylvester.

Variables (R : realFieldType) (n : nat).

(* Rows and columns are numbered by bits: H_pq = (-1)^(sum_t p_t q_t), of size 2^n. *)
Definition sylvester (p q : {ffun 'I_n -> bool}) : R := \prod_t (-1) ^+ (p t && q t).

(* Sylvester's matrix satisfies H H^T = 2^n I. *)
Theorem sylvester_hadamard : hadamard sylvester.
Proof.
split=> [p q|p q].
  by rewrite -big_split big1 // => t _ /=; rewrite -signr_addb addbb.
under eq_bigr do rewrite -big_split /=.
rewrite -(bigA_distr_bigA (fun t b => (-1) ^+ (p t && b) * (-1) ^+ (q t && b))) /=.
have bit t : \sum_b (-1) ^+ (p t && b) * (-1) ^+ (q t && b) = 2%:R * (p t == q t)%:R :> R.
  rewrite big_bool /= !andbT !andbF mulr1 -signr_addb.
  by case: (p t); case: (q t); rewrite /= ?addNr ?mulr0 ?mulr1.
under eq_bigr do rewrite bit.
rewrite big_split /= prodr_const card_ord card_ffun card_bool card_ord natrX; congr (_ * _).
case: eqP => [->|pq]; first by rewrite big1 // => t _; rewrite eqxx.
have /existsP[t /negPf pqt] : [exists t, p t != q t].
  by apply/existsPn => eq_pq; apply: pq; apply/ffunP => t; apply/eqP; rewrite -[_ == _]negbK.
by rewrite (bigD1 t) //= pqt mul0r.
Qed.

End Sylvester.

(* Sylvester's recursion: the matrix of size 2^(n+1) has the blocks H, H, H, -H of size 2^n. *)
Lemma sylvester_recursion (R : realFieldType) n b c (p q : {ffun 'I_n -> bool}) :
  sylvester R (ffun_cons b p) (ffun_cons c q) = (-1) ^+ (b && c) * sylvester R p q.
Proof.
rewrite /sylvester big_ord_recl !ffun_cons0; congr (_ * _).
by apply: eq_bigr => t _; rewrite !ffun_consS.
Qed.
