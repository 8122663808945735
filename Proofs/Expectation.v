(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Expectation and variance over a finite space of equally likely outcomes, with values in any
   ordered field: linearity, independence over products and families, means of independent
   copies. *)

From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* E f = (sum over all w in T of f(w)) / |T|. *)
Definition expectation (R : realFieldType) (T : finType) (f : T -> R) : R :=
  (\sum_w f w) / #|T|%:R.

Reserved Notation "\E_ ( w : T ) F" (at level 36, F at level 36, w name,
  right associativity, format "\E_ ( w  :  T )  F").
Notation "\E_ ( w : T ) F" := (expectation (fun w : T => F)) : ring_scope.

Reserved Notation "\E_ w F" (at level 36, F at level 36, w name,
  right associativity, format "\E_ w  F").
Notation "\E_ w F" := (expectation (fun w => F)) : ring_scope.

(* Var f = E (f - E f)^2. *)
Definition variance (R : realFieldType) (T : finType) (f : T -> R) : R :=
  \E_w (f w - expectation f) ^+ 2.

Section Linearity.

Variables (R : realFieldType) (T : finType).
Implicit Types (f g : T -> R) (c : R).

Lemma eq_expectation f g : f =1 g -> expectation f = expectation g.
Proof. by move=> fg; congr (_ / _); apply: eq_bigr => w _. Qed.

Lemma expectationD f g : \E_w (f w + g w) = expectation f + expectation g.
Proof. by rewrite /expectation big_split mulrDl. Qed.

Lemma expectationN f : \E_w (- f w) = - expectation f.
Proof. by rewrite /expectation sumrN mulNr. Qed.

Lemma expectationB f g : \E_w (f w - g w) = expectation f - expectation g.
Proof. by rewrite expectationD expectationN. Qed.

Lemma expectationZ c f : \E_w (c * f w) = c * expectation f.
Proof. by rewrite /expectation -mulr_sumr mulrA. Qed.

Lemma expectationZr c f : \E_w (f w * c) = expectation f * c.
Proof. by rewrite /expectation -mulr_suml mulrAC. Qed.

Lemma expectation_sum (I : Type) (r : seq I) (P : pred I) (F : I -> T -> R) :
  \E_w (\sum_(i <- r | P i) F i w) = \sum_(i <- r | P i) expectation (F i).
Proof. by rewrite /expectation exchange_big mulr_suml. Qed.

(* E (sum_i F_i)^2 = sum_ij E F_i F_j. *)
Lemma expectation_sum_sqr (I : finType) (F : I -> T -> R) :
  \E_w ((\sum_i F i w) ^+ 2) = \sum_i \sum_j \E_w (F i w * F j w).
Proof.
under eq_expectation do rewrite expr2 mulr_suml.
rewrite expectation_sum; apply: eq_bigr => i _.
by under eq_expectation do rewrite mulr_sumr; rewrite expectation_sum.
Qed.

Lemma expectation0 : \E_(w : T) 0 = 0 :> R.
Proof. by rewrite /expectation big1 ?mul0r. Qed.

(* A constant is its own expectation. *)
Lemma expectation_const c : (0 < #|T|)%N -> \E_(w : T) c = c.
Proof.
move=> T_gt0; rewrite /expectation sumr_const -[c *+ _]mulr_natr mulfK //.
by rewrite pnatr_eq0 -lt0n.
Qed.

(* Var f = E f^2 - (E f)^2. *)
Lemma varianceE f :
  (0 < #|T|)%N -> variance f = \E_w (f w ^+ 2) - expectation f ^+ 2.
Proof.
move=> T_gt0; rewrite /variance; set e := expectation f.
under eq_expectation do rewrite sqrrB.
rewrite expectationD expectationB expectation_const //.
under [X in _ - X]eq_expectation do rewrite -mulrnAr.
by rewrite expectationZr -/e mulr2n mulrDr -!expr2 opprD addrA subrK.
Qed.

(* Var (c f) = c^2 Var f. *)
Lemma varianceZ c f : variance (fun w => c * f w) = c ^+ 2 * variance f.
Proof.
rewrite /variance expectationZ -[RHS]expectationZ.
by apply: eq_expectation => w; rewrite -mulrBr exprMn.
Qed.

Lemma eq_variance f g : f =1 g -> variance f = variance g.
Proof.
move=> fg; rewrite /variance (eq_expectation fg).
by apply: eq_expectation => w; rewrite fg.
Qed.

(* 0 <= Var f. *)
Lemma variance_ge0 f : 0 <= variance f.
Proof.
rewrite mulr_ge0 ?invr_ge0 ?ler0n //.
by apply: sumr_ge0 => w _; apply: sqr_ge0.
Qed.

End Linearity.

(* A bijection of the outcomes leaves the expectation as it is. *)
Lemma expectation_bij (R : realFieldType) (T T' : finType) (g : T' -> T) (f : T -> R) :
  bijective g -> \E_w f (g w) = expectation f.
Proof.
move=> g_bij; rewrite /expectation -(bij_eq_card g_bij); congr (_ / _).
by rewrite [RHS](reindex g) //; apply: onW_bij.
Qed.

(* Coin flip: an involution that changes the sign of f shows that E f = 0. *)
Lemma expectation_odd (R : realFieldType) (T : finType) (flip : T -> T) (f : T -> R) :
  involutive flip -> (forall w, f (flip w) = - f w) -> expectation f = 0.
Proof.
move=> flipK f_flip; apply/eqP.
suff : expectation f *+ 2 == 0 by rewrite mulrn_eq0.
rewrite mulr2n -[X in X + _](expectation_bij f (inv_bij flipK)).
by under eq_expectation do rewrite f_flip; rewrite expectationN addNr.
Qed.

Section Products.

Variables (R : realFieldType) (S T : finType).

Lemma card_prod_gt0 : (0 < #|S|)%N -> (0 < #|T|)%N -> (0 < #|{: S * T}|)%N.
Proof. by rewrite card_prod muln_gt0 => -> ->. Qed.

(* Fubini: E over pairs is E over the first of E over the second. *)
Lemma expectation_pair (f : S * T -> R) : expectation f = \E_u \E_v f (u, v).
Proof.
rewrite /expectation card_prod natrM invfM.
rewrite (eq_bigr (fun p => f (p.1, p.2))); last by case.
rewrite -(pair_bigA _ (fun u v => f (u, v))) /= -mulr_suml.
by rewrite mulrA [RHS]mulrAC.
Qed.

Lemma expectation_swap (f : S -> T -> R) : \E_u \E_v f u v = \E_v \E_u f u v.
Proof.
by rewrite /expectation -!mulr_suml mulrAC exchange_big.
Qed.

(* Independence: E (f(u) g(v)) = E f(u) E g(v). *)
Lemma expectation_independent (f : S -> R) (g : T -> R) :
  \E_(w : S * T) (f w.1 * g w.2) = expectation f * expectation g.
Proof.
rewrite expectation_pair /=.
by under eq_expectation do rewrite expectationZ; rewrite expectationZr.
Qed.

Lemma expectation_fst (f : S -> R) :
  (0 < #|T|)%N -> \E_(w : S * T) f w.1 = expectation f.
Proof.
move=> T_gt0; rewrite expectation_pair /=.
by under eq_expectation do rewrite expectation_const //.
Qed.

Lemma expectation_snd (f : T -> R) :
  (0 < #|S|)%N -> \E_(w : S * T) f w.2 = expectation f.
Proof. by move=> S_gt0; rewrite expectation_pair /= expectation_const. Qed.

End Products.

Section Families.

Variables (R : realFieldType) (I T : finType).

Lemma card_ffun_gt0 : (0 < #|T|)%N -> (0 < #|{ffun I -> T}|)%N.
Proof. by move=> T_gt0; rewrite card_ffun expn_gt0 T_gt0. Qed.

(* Independence in families: E prod_i F_i(w_i) = prod_i E F_i. *)
Lemma expectation_prod (F : I -> T -> R) :
  \E_(w : {ffun I -> T}) (\prod_i F i (w i)) = \prod_i expectation (F i).
Proof.
rewrite /expectation big_split /= bigA_distr_bigA /= prodr_const card_ffun natrX.
by rewrite exprVn.
Qed.

(* Members of a family are distributed as one alone. *)
Lemma expectation_at (i : I) (f : T -> R) :
  (0 < #|T|)%N -> \E_(w : {ffun I -> T}) f (w i) = expectation f.
Proof.
move=> T_gt0; pose F j := if j == i then f else fun=> 1.
transitivity (\E_(w : {ffun I -> T}) \prod_j F j (w j)).
  apply: eq_expectation => w; rewrite (bigD1 i) //= /F eqxx big1 ?mulr1 // => j.
  by move/negPf->.
rewrite expectation_prod (bigD1 i) //= /F eqxx big1 ?mulr1 // => j /negPf->.
exact: expectation_const.
Qed.

(* Two different members are independent. *)
Lemma expectation_at2 (i j : I) (f g : T -> R) : (0 < #|T|)%N -> i != j ->
  \E_(w : {ffun I -> T}) (f (w i) * g (w j)) = expectation f * expectation g.
Proof.
move=> T_gt0 ij; pose F k := if k == i then f else if k == j then g else fun=> 1.
have expand (G : (T -> R) -> I -> R) : (forall k, G (fun=> 1) k = 1) ->
    \prod_k G (F k) k = G f i * G g j.
  move=> G1; rewrite (bigD1 i) //= /F eqxx (bigD1 j) /=; last by rewrite eq_sym.
  rewrite eq_sym (negPf ij) eqxx big1 ?mulr1 // => k /andP[/negPf-> /negPf->].
  exact: G1.
transitivity (\E_(w : {ffun I -> T}) \prod_k F k (w k)).
  by apply: eq_expectation => w; rewrite (expand (fun h k => h (w k))).
rewrite expectation_prod (expand (fun h k => expectation h)) // => k.
exact: expectation_const.
Qed.

End Families.

Section DependentFamilies.

Variables (R : realFieldType) (K : finType) (T : K -> finType).
Local Notation family := {dffun forall k, T k}.

(* The family w with member k replaced by u. *)
Definition put_member k (u : T k) (w : family) : family :=
  [ffun j => match k =P j with
             | ReflectT e => ecast j (T j) e u
             | ReflectF _ => w j
             end].

Lemma put_member_at k (u : T k) (w : family) : put_member u w k = u.
Proof. by rewrite ffunE; case: eqP => // e; rewrite eq_axiomK. Qed.

Lemma put_memberK k (u : T k) (w : family) : put_member (w k) (put_member u w) = w.
Proof.
apply/ffunP => j; rewrite ffunE; case: eqP => [e|kj]; first by case: j / e.
by rewrite ffunE; case: eqP.
Qed.

(* Members of a family of different spaces are distributed as one alone. *)
Lemma expectation_at_dependent k (f : T k -> R) :
  (0 < #|{: family}|)%N -> \E_(w : family) f (w k) = expectation f.
Proof.
move=> W_gt0; have T_gt0 : (0 < #|T k|)%N.
  by case/card_gt0P: W_gt0 => w _; apply/card_gt0P; exists (w k).
rewrite -(expectation_fst (fun w : family => f (w k)) T_gt0) -(expectation_snd f W_gt0).
pose swap (p : family * T k) := (put_member p.2 p.1, p.1 k).
have swapK : involutive swap by case=> w u; rewrite /swap /= put_memberK put_member_at.
by rewrite -[RHS](expectation_bij _ (inv_bij swapK)).
Qed.

End DependentFamilies.

Section FirstAndRest.

Variables (R : realFieldType) (T : finType) (n : nat).

(* The family with first member u and then those of v. *)
Definition ffun_cons (u : T) (v : {ffun 'I_n -> T}) : {ffun 'I_n.+1 -> T} :=
  [ffun i => if unlift ord0 i is Some j then v j else u].

Lemma ffun_cons0 u v : ffun_cons u v ord0 = u.
Proof. by rewrite ffunE unlift_none. Qed.

Lemma ffun_consS u v i : ffun_cons u v (lift ord0 i) = v i.
Proof. by rewrite ffunE liftK. Qed.

Lemma ffun_cons_bij : bijective (fun w : T * {ffun 'I_n -> T} => ffun_cons w.1 w.2).
Proof.
exists (fun w : {ffun 'I_n.+1 -> T} => (w ord0, [ffun i => w (lift ord0 i)])).
  case=> u v /=; rewrite ffun_cons0; congr (_, _).
  by apply/ffunP => i; rewrite ffunE ffun_consS.
move=> w; apply/ffunP => i; rewrite ffunE /=.
by case: unliftP => [j|] ->; rewrite ?ffunE.
Qed.

(* Sums and expectations over families of n + 1 are those over the first, then over the rest. *)
Lemma sum_cons (f : {ffun 'I_n.+1 -> T} -> R) :
  \sum_w f w = \sum_u \sum_v f (ffun_cons u v).
Proof.
rewrite (reindex (fun w : T * {ffun 'I_n -> T} => ffun_cons w.1 w.2)) /=.
  by rewrite -(pair_bigA _ (fun u v => f (ffun_cons u v))).
exact/onW_bij/ffun_cons_bij.
Qed.

Lemma expectation_cons (f : {ffun 'I_n.+1 -> T} -> R) :
  expectation f = \E_u \E_v f (ffun_cons u v).
Proof.
rewrite -(expectation_pair (fun w => f (ffun_cons w.1 w.2))).
exact/esym/(expectation_bij f)/ffun_cons_bij.
Qed.

End FirstAndRest.

Section Means.

Variables (R : realFieldType) (T : finType) (m : nat).
Hypotheses (T_gt0 : (0 < #|T|)%N) (m_gt0 : (0 < m)%N).
Implicit Type f : T -> R.

Let m_neq0 : m%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n. Qed.

(* The mean of m independent copies has the expectation of one. *)
Lemma expectation_mean f :
  \E_(w : {ffun 'I_m -> T}) (m%:R^-1 * \sum_i f (w i)) = expectation f.
Proof.
rewrite expectationZ expectation_sum.
rewrite (eq_bigr (fun=> expectation f)) => [|i _]; last exact: expectation_at.
by rewrite sumr_const card_ord -[expectation f *+ m]mulr_natl mulKf.
Qed.

(* For E g = 0: E (sum_i g(w_i))^2 = m E g^2. *)
Lemma expectation_sqr_sum (g : T -> R) : expectation g = 0 ->
  \E_(w : {ffun 'I_m -> T}) ((\sum_i g (w i)) ^+ 2) = m%:R * \E_w (g w ^+ 2).
Proof.
move=> g0; rewrite expectation_sum_sqr (eq_bigr (fun=> \E_w (g w ^+ 2))) => [|i _].
  by rewrite sumr_const card_ord mulr_natl.
rewrite (bigD1 i) //= big1 ?addr0 => [|j ji].
  by rewrite -[RHS](expectation_at i) //; apply: eq_expectation => w; rewrite expr2.
by rewrite expectation_at2 1?eq_sym // g0 mul0r.
Qed.

(* The mean of m independent copies has 1/m of the variance of one. *)
Lemma variance_mean f :
  variance (fun w : {ffun 'I_m -> T} => m%:R^-1 * \sum_i f (w i)) = variance f / m%:R.
Proof.
rewrite /variance expectation_mean; set e := expectation f.
have centred (w : {ffun 'I_m -> T}) :
    (m%:R^-1 * (\sum_i f (w i)) - e) ^+ 2 = m%:R^-1 ^+ 2 * (\sum_i (f (w i) - e)) ^+ 2.
  by rewrite -exprMn sumrB mulrBr sumr_const card_ord -[e *+ m]mulr_natl mulKf.
under eq_expectation do rewrite centred.
rewrite expectationZ (@expectation_sqr_sum (fun w => f w - e)).
  by rewrite expr2 -mulrA mulKf // mulrC.
by rewrite expectationB expectation_const // subrr.
Qed.

End Means.
