(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* k-wise independent hash functions: what the sketches need of hashes follows from k = 2, what they
   need of signs from k = 4, and a balanced map of the values keeps the independence. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Signs Hashes.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section KWise.

Variables (R : realFieldType) (W I B : finType).

(* The values at any j <= k different coordinates are uniform and independent:
   E f(h(x_1), ..., h(x_j)) = E f(u) over all u in B^j. *)
Definition kwise_independent (k : nat) (h : W -> I -> B) : Prop :=
  forall j (x : 'I_j -> I), (j <= k)%N -> injective x ->
  forall f : {ffun 'I_j -> B} -> R, \E_w f [ffun t => h w (x t)] = expectation f.

Lemma kwise_weaken (k l : nat) (h : W -> I -> B) :
  (l <= k)%N -> kwise_independent k h -> kwise_independent l h.
Proof. by move=> lk ind j x /leq_trans jl; apply/ind/jl. Qed.

(* Coordinates may be renamed, as long as different ones stay different. *)
Lemma kwise_places (J : finType) (place : J -> I) k (h : W -> I -> B) :
  injective place -> kwise_independent k h ->
  forall j (x : 'I_j -> J), (j <= k)%N -> injective x ->
  forall f : {ffun 'I_j -> B} -> R, \E_w f [ffun t => h w (place (x t))] = expectation f.
Proof. by move=> inj ind j x jk x_inj f; apply: (ind j (place \o x) jk); apply: inj_comp. Qed.

(* Two coordinates: 2-wise independence is pairwise independence. *)
Theorem kwise_pairwise (h : W -> I -> B) : (0 < #|B|)%N ->
  kwise_independent 2 h -> pairwise_independent R h.
Proof.
move=> B_gt0 ind i j ij f; pose x (t : 'I_2) := if t == 0 then i else j.
have x_inj : injective x.
  have ji : j != i by rewrite eq_sym.
  move=> t u; rewrite /x; case: eqP => [->|/eqP t0]; case: eqP => [->//|/eqP u0] /eqP.
  - by rewrite (negPf ij).
  - by rewrite (negPf ji).
  - by move=> _; apply/val_inj; move: t u t0 u0 => [[|[|?]] ?] [[|[|?]] ?].
rewrite -(uniform_hash_pairwise B_gt0 (isT : (0 : 'I_2) != 1) f).
rewrite -(ind 2%N x (leqnn 2) x_inj (fun u => f (u 0) (u 1))).
by apply: eq_expectation => w; rewrite !ffunE.
Qed.

End KWise.

(* The signs (-1)^(h(i)) of a 4-wise independent hash to one bit have the moments of fair signs. *)
Theorem kwise_signs (R : realFieldType) (W I : finType) (h : W -> I -> bool) :
  kwise_independent R 4 h -> fourwise_signs (fun w i => (-1) ^+ h w i : R).
Proof.
move=> ind; split=> [w i|i j k l]; first by rewrite -signr_addb addbb.
pose A : {set I} := [set i; j; k; l].
have iA : i \in A by rewrite !inE eqxx.
have [jA kA lA] : [/\ j \in A, k \in A & l \in A] by rewrite !inE !eqxx !orbT.
have A_le : (#|A| <= 4)%N.
  apply: leq_trans (leq_card_setU _ _) _; rewrite cards1 addn1 ltnS.
  apply: leq_trans (leq_card_setU _ _) _; rewrite cards1 addn1 ltnS.
  by rewrite cards2; case: (i != j).
pose x (t : 'I_#|A|) := enum_val t; pose rank := enum_rank_in iA.
have rankK a : a \in A -> x (rank a) = a by exact: enum_rankK_in.
pose f (u : {ffun 'I_#|A| -> bool}) : R :=
  coin_signs R u (rank i) * coin_signs R u (rank j)
  * (coin_signs R u (rank k) * coin_signs R u (rank l)).
transitivity (\E_w f [ffun t => h w (x t)]).
  by apply: eq_expectation => w; rewrite /f /coin_signs !ffunE !rankK.
rewrite (ind _ x A_le enum_val_inj f) (coin_signs_fourwise R _).2 /paired.
have rank_eq a b : a \in A -> b \in A -> (rank a == rank b) = (a == b).
  by move=> aA bA; rewrite -{2}(rankK _ aA) -{2}(rankK _ bA) (inj_eq enum_val_inj).
by rewrite !rank_eq.
Qed.

Section Balanced.

Variables (R : realFieldType) (W I B C : finType) (g : B -> C).

(* Every value of g is as likely as any other. *)
Definition balanced : Prop := forall f : C -> R, \E_b f (g b) = expectation f.

Lemma indicator_expansion (J D : finType) (f : {ffun J -> D} -> R) u :
  f u = \sum_v f v * \prod_t (u t == v t)%:R.
Proof.
rewrite (bigD1 u) //= [X in _ * X]big1 ?mulr1 => [|t _]; last by rewrite eqxx.
rewrite big1 ?addr0 // => v vu; have [t tP] : exists t, u t != v t.
  apply/existsP; rewrite -negb_forall; apply: contraNN vu => /forallP uv.
  by apply/eqP/ffunP => t; rewrite (eqP (uv t)).
by rewrite (bigD1 t) //= (negPf tP) mul0r mulr0.
Qed.

Lemma balanced_family (J : finType) (f : {ffun J -> C} -> R) : balanced ->
  \E_(u : {ffun J -> B}) f [ffun t => g (u t)] = expectation f.
Proof.
move=> bal; under eq_expectation do rewrite indicator_expansion.
under [RHS]eq_expectation do rewrite indicator_expansion.
rewrite !expectation_sum; apply: eq_bigr => v _; rewrite !expectationZ; congr (_ * _).
under eq_expectation => u do under eq_bigr do rewrite ffunE.
rewrite (expectation_prod (fun t b => (g b == v t)%:R)).
rewrite (expectation_prod (fun t c => (c == v t)%:R)); apply: eq_bigr => t _.
exact: (bal (fun c => (c == v t)%:R)).
Qed.

(* Balanced maps of k-wise independent values are k-wise independent. *)
Theorem kwise_balanced k (h : W -> I -> B) : balanced ->
  kwise_independent R k h -> kwise_independent R k (fun w i => g (h w i)).
Proof.
move=> bal ind j x jk x_inj f.
rewrite -(balanced_family f bal) -(ind j x jk x_inj (fun u => f [ffun t => g (u t)])).
by apply: eq_expectation => w; congr f; apply/ffunP => t; rewrite !ffunE.
Qed.

End Balanced.
