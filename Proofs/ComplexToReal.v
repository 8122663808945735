(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The Complex-to-Real product sketch of any degree p: features (re z_k, im z_k) over sqrt C with
   z_k = prod_t <w_kt, x> and weights uniform on 1, i, -1, -i. Its inner products are unbiased for
   <x, y>^p, with variance ((a + b)^p + (a + c)^p - 2 a^p) / D for D = 2 C features. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes CountSketch Complex.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section OneFactor.

Variables (R : realFieldType) (I : finType).
Implicit Types (turn : I -> bool) (s x y : I -> R).

(* The weight s_i, or i s_i where it is turned by a quarter. *)
Definition turned turn s (i : I) : complex R :=
  if turn i then Complex 0 (s i) else Complex (s i) 0.

(* <w, x> = sum_i w_i x_i. *)
Definition complex_dot (w : I -> complex R) x : complex R := \sum_i w i * of_real (x i).

(* P = <w, x> conj <w, y>. *)
Definition complex_product turn s x y : complex R :=
  complex_dot (turned turn s) x * conj (complex_dot (turned turn s) y).

Arguments complex_product : simpl never.

(* Re w_i conj(w_j) = [turned alike] s_i s_j. *)
Lemma re_turned turn s i j :
  re (turned turn s i * conj (turned turn s j)) = (turn i == turn j)%:R * (s i * s j).
Proof.
rewrite reM /turned; case: (turn i); case: (turn j);
  by rewrite /= !(mul0r, mulr0, mul1r, mulrN, opprK, oppr0, subr0, add0r).
Qed.

(* Im w_i conj(w_j) = ([i turned] - [j turned]) s_i s_j. *)
Lemma im_turned turn s i j :
  im (turned turn s i * conj (turned turn s j)) = ((turn i)%:R - (turn j)%:R) * (s i * s j).
Proof.
rewrite imM /turned; case: (turn i); case: (turn j);
  by rewrite /= !(mul0r, mulr0, mul1r, mulN1r, mulrN, oppr0, subrr, subr0, sub0r, add0r, addr0).
Qed.

Lemma complex_productE turn s x y : complex_product turn s x y
  = \sum_i \sum_j of_real (x i * y j) * (turned turn s i * conj (turned turn s j)).
Proof.
rewrite /complex_product /complex_dot conj_sum mulr_suml; apply: eq_bigr => i _.
rewrite mulr_sumr; apply: eq_bigr => j _.
have -> : conj (turned turn s j * of_real (y j)) = conj (turned turn s j) * of_real (y j).
  by rewrite conjM; congr (_ * _); apply: complexP; rewrite /= ?oppr0.
by rewrite mulrACA -of_realM mulrC.
Qed.

(* re P = sum of x_i y_j s_i s_j over the i and j turned alike. *)
Lemma re_complex_product turn s x y :
  re (complex_product turn s x y) = sign_form (colliding turn x y) s.
Proof.
rewrite complex_productE re_sum; apply: eq_bigr => i _; rewrite re_sum; apply: eq_bigr => j _.
by rewrite re_of_realM re_turned /colliding mulrCA mulrA.
Qed.

(* The matrix of im P as a form in the signs: x_i y_j ([i turned] - [j turned]). *)
Definition turning turn x y (i j : I) : R := ((turn i)%:R - (turn j)%:R) * (x i * y j).

Lemma im_complex_product turn s x y :
  im (complex_product turn s x y) = sign_form (turning turn x y) s.
Proof.
rewrite complex_productE im_sum; apply: eq_bigr => i _; rewrite im_sum; apply: eq_bigr => j _.
by rewrite im_of_realM im_turned /turning mulrCA mulrA.
Qed.

Variables (Wt Ws : finType) (turn : Wt -> I -> bool) (s : Ws -> I -> R).
Hypotheses (Wt_gt0 : (0 < #|Wt|)%N) (Ws_gt0 : (0 < #|Ws|)%N).
Hypotheses (turn_fair : collision_probability R turn 2) (s_signs : fourwise_signs s).

Local Notation P x y := (fun w : Wt * Ws => complex_product (turn w.1) (s w.2) x y).

Lemma turning_trace u x y : \sum_i turning (turn u) x y i i = 0.
Proof. by rewrite big1 // => i _; rewrite /turning subrr mul0r. Qed.

(* E re P = <x, y>. *)
Lemma expectation_re x y : \E_w re (P x y w) = dot x y.
Proof.
under eq_expectation do rewrite re_complex_product.
rewrite expectation_pair /=.
under eq_expectation do rewrite (expectation_form s_signs) colliding_trace.
exact: expectation_const.
Qed.

(* E im P = 0. *)
Lemma expectation_im x y : \E_w im (P x y w) = 0.
Proof.
under eq_expectation do rewrite im_complex_product.
rewrite expectation_pair /=.
under eq_expectation do rewrite (expectation_form s_signs) turning_trace.
exact: expectation_const.
Qed.

(* E (re P)^2 = a + (b + c)/2. *)
Lemma expectation_re_sqr x y :
  \E_w (re (P x y w) ^+ 2) = dot x y ^+ 2 + (moment_b x y + moment_c x y) / 2%:R.
Proof.
under eq_expectation do rewrite re_complex_product expr2.
rewrite expectation_pair /= -sign_varianceE.
by rewrite -(colliding_moment2 Wt_gt0 turn_fair s_signs).
Qed.

(* E (im P)^2 = (b - c)/2. *)
Lemma expectation_im_sqr x y :
  \E_w (im (P x y w) ^+ 2) = (moment_b x y - moment_c x y) / 2%:R.
Proof.
under eq_expectation do rewrite im_complex_product expr2.
rewrite expectation_pair /=.
under eq_expectation do rewrite (expectation_form2 s_signs) turning_trace mul0r add0r.
pose F i j := (x i * y j) * (x i * y j - x j * y i).
have -> : moment_b x y - moment_c x y = \sum_i \sum_(j | j != i) F i j.
  rewrite moment_bE moment_cE -sumrB; apply: eq_bigr => i _; rewrite -sumrB.
  by apply: eq_bigr => j _; rewrite /F mulrBr.
set total := \sum_i _; transitivity (total - total / 2%:R); last first.
  by rewrite {1}[total]splitr addrK.
rewrite -[in X in _ - X](expectation_collisions turn_fair).
rewrite -[X in X - _](expectation_const _ Wt_gt0).
rewrite -expectationB; apply: eq_expectation => u.
rewrite -sumrB; apply: eq_bigr => i _; rewrite -sumrB; apply: eq_bigr => j _; rewrite /turning /F.
case: (turn u i); case: (turn u j) => /=; rewrite ?subrr ?subr0 ?sub0r ?mul0r ?mul1r ?subrr //.
  by rewrite mulN1r subr0.
by rewrite subr0 !mulN1r mulNr -mulrN opprD opprK.
Qed.

(* E re P im P = 0. *)
Lemma expectation_re_im x y : \E_w (re (P x y w) * im (P x y w)) = 0.
Proof.
under eq_expectation do rewrite re_complex_product im_complex_product.
rewrite expectation_pair /= -[RHS](expectation_const _ Wt_gt0); apply: eq_expectation => u.
rewrite (expectation_form2 s_signs) turning_trace mulr0 add0r.
rewrite big1 // => i _; rewrite big1 // => j _; rewrite /colliding /turning.
case: eqP => [->|_]; last by rewrite !mul0r.
by rewrite subrr !mul0r addr0 mulr0.
Qed.

End OneFactor.

Section Column.

Variables (R : realFieldType) (W : finType).

(* Independent complex factors with real means: E of the product is the product of the means. *)
Lemma expectation_complex_prod p (F : 'I_p -> W -> complex R) :
  (forall t, \E_v im (F t v) = 0) ->
  \E_(w : {ffun 'I_p -> W}) re (\prod_t F t (w t)) = \prod_t \E_v re (F t v)
  /\ \E_(w : {ffun 'I_p -> W}) im (\prod_t F t (w t)) = 0.
Proof.
elim: p F => [|p IHp] F im0.
  have one (c : R) : \E_(w : {ffun 'I_0 -> W}) c = c.
    by apply: expectation_const; rewrite card_ffun card_ord expn0.
  split; last by under eq_expectation do rewrite big_ord0; rewrite one.
  by under eq_expectation do rewrite big_ord0; rewrite one big_ord0.
have [re_rest im_rest] := IHp (fun t => F (lift ord0 t)) (fun t => im0 (lift ord0 t)).
have split_first u (v : {ffun 'I_p -> W}) :
    \prod_t F t (ffun_cons u v t) = F ord0 u * \prod_t F (lift ord0 t) (v t).
  rewrite big_ord_recl ffun_cons0; congr (_ * _).
  by apply: eq_bigr => t _; rewrite ffun_consS.
split; rewrite expectation_cons.
  under eq_expectation => u do under eq_expectation do rewrite split_first reM.
  under eq_expectation do rewrite expectationB !expectationZ re_rest im_rest mulr0 subr0.
  by rewrite expectationZr big_ord_recl.
under eq_expectation => u do under eq_expectation do rewrite split_first imM.
under eq_expectation do rewrite expectationD !expectationZ re_rest im_rest mulr0 add0r.
by rewrite expectationZr im0 mul0r.
Qed.

End Column.

Section Sketch.

Variables (R : realFieldType) (I : finType) (p C : nat) (scale : R).

(* z_k = prod_t <w_kt, x_t>. *)
Definition complex_feature (w : 'I_p -> I -> complex R) (x : 'I_p -> I -> R) : complex R :=
  \prod_t complex_dot (w t) (x t).

(* The features: scale * Re z_k and scale * Im z_k for C columns k. *)
Definition complex_to_real (w : 'I_C -> 'I_p -> I -> complex R) (x : 'I_p -> I -> R)
    (f : 'I_C + 'I_C) : R :=
  match f with
  | inl k => scale * re (complex_feature (w k) x)
  | inr k => scale * im (complex_feature (w k) x)
  end.

(* <Sx, Sy> = scale^2 * sum_k Re (z_k(x) conj z_k(y)). *)
Lemma dot_complex_to_real w x y :
  dot (complex_to_real w x) (complex_to_real w y)
  = scale ^+ 2 * \sum_k re (complex_feature (w k) x * conj (complex_feature (w k) y)).
Proof.
rewrite /dot big_sumType -big_split mulr_sumr; apply: eq_bigr => k _ /=.
by rewrite (mulrACA scale (re _)) (mulrACA scale (im _)) -expr2 -mulrDr mulrN opprK.
Qed.

Variables (Wt Ws : finType) (turn : Wt -> I -> bool) (s : Ws -> I -> R).
Hypotheses (C_gt0 : (0 < C)%N) (scale_sqr : scale ^+ 2 = C%:R^-1).
Hypotheses (Wt_gt0 : (0 < #|Wt|)%N) (Ws_gt0 : (0 < #|Ws|)%N).
Hypotheses (turn_fair : collision_probability R turn 2) (s_signs : fourwise_signs s).

(* The weights of one factor. *)
Local Notation weights v := (turned (turn v.1) (s v.2)).

(* Re (z(x) conj z(y)) of one column. *)
Let column (x y : 'I_p -> I -> R) (w : {ffun 'I_p -> Wt * Ws}) : R :=
  re (complex_feature (fun t => weights (w t)) x
      * conj (complex_feature (fun t => weights (w t)) y)).

Let product (x y : 'I_p -> I -> R) (t : 'I_p) (v : Wt * Ws) : complex R :=
  complex_product (turn v.1) (s v.2) (x t) (y t).

Let columnE x y w : column x y w = re (\prod_t product x y t (w t)).
Proof. by rewrite /column conj_prod -big_split. Qed.

Let column_gt0 : (0 < #|{ffun 'I_p -> Wt * Ws}|)%N.
Proof. by rewrite card_ffun_gt0 // card_prod_gt0. Qed.

(* One column: E Re (z(x) conj z(y)) = prod_t <x_t, y_t>. *)
Lemma complex_column_mean x y : expectation (column x y) = \prod_t dot (x t) (y t).
Proof.
rewrite (eq_expectation (columnE x y)).
have [-> _] := expectation_complex_prod (F := product x y)
  (fun t => expectation_im turn Wt_gt0 s_signs (x t) (y t)).
by apply: eq_bigr => t _; apply: expectation_re.
Qed.

(* One factor: E |P|^2 = a + b. *)
Lemma expectation_square_norm x y :
  \E_(v : Wt * Ws) square_norm (complex_product (turn v.1) (s v.2) x y)
  = dot x y ^+ 2 + moment_b x y.
Proof.
rewrite expectationD expectation_re_sqr // expectation_im_sqr // -addrA -mulrDl.
by rewrite addrACA subrr addr0 -mulr2n -[_ *+ 2]mulr_natr mulfK // pnatr_eq0.
Qed.

(* One factor: E Re P^2 = a + c. *)
Lemma expectation_re_square x y :
  \E_(v : Wt * Ws) re (complex_product (turn v.1) (s v.2) x y
                       * complex_product (turn v.1) (s v.2) x y)
  = dot x y ^+ 2 + moment_c x y.
Proof.
under eq_expectation do rewrite reM -!expr2.
rewrite expectationB expectation_re_sqr // expectation_im_sqr // -addrA -mulrBl opprD opprK.
by rewrite addrACA subrr add0r -mulr2n -[_ *+ 2]mulr_natr mulfK // pnatr_eq0.
Qed.

(* One factor: E Im P^2 = 0. *)
Lemma expectation_im_square x y :
  \E_(v : Wt * Ws) im (complex_product (turn v.1) (s v.2) x y
                       * complex_product (turn v.1) (s v.2) x y)
  = 0.
Proof.
under eq_expectation do rewrite imM [im _ * _]mulrC -mulr2n -mulr_natr.
by rewrite expectationZr expectation_re_im // mul0r.
Qed.

(* One column: twice the second moment is prod_t (a_t + b_t) + prod_t (a_t + c_t). *)
Lemma complex_column_moment2 x y :
  \E_w (column x y w ^+ 2) *+ 2
  = \prod_t (dot (x t) (y t) ^+ 2 + moment_b (x t) (y t))
    + \prod_t (dot (x t) (y t) ^+ 2 + moment_c (x t) (y t)).
Proof.
rewrite mulr2n -expectationD; under eq_expectation do rewrite -mulr2n columnE re_sqr.
rewrite expectationD; congr (_ + _).
  under eq_expectation do rewrite square_norm_prod.
  rewrite (expectation_prod (fun t v => square_norm (product x y t v))).
  by apply: eq_bigr => t _; apply: expectation_square_norm.
under eq_expectation do rewrite -big_split.
have [-> _] := expectation_complex_prod (F := fun t v => product x y t v * product x y t v)
  (fun t => expectation_im_square (x t) (y t)).
by apply: eq_bigr => t _; apply: expectation_re_square.
Qed.

(* Independent columns of independent factors. *)
Local Notation estimate x y := (fun w : {ffun 'I_C -> {ffun 'I_p -> Wt * Ws}} =>
  dot (complex_to_real (fun k t => weights (w k t)) x)
      (complex_to_real (fun k t => weights (w k t)) y)).

Let estimateE x y (w : {ffun 'I_C -> {ffun 'I_p -> Wt * Ws}}) :
  estimate x y w = C%:R^-1 * \sum_k column x y (w k).
Proof. by rewrite /= dot_complex_to_real scale_sqr. Qed.

(* Unbiased: E <Sx, Sy> = prod_t <x_t, y_t>. *)
Theorem complex_to_real_unbiased x y :
  expectation (estimate x y) = \prod_t dot (x t) (y t).
Proof.
by rewrite (eq_expectation (estimateE x y)) expectation_mean // complex_column_mean.
Qed.

(* Var <Sx, Sy> = (prod_t (a_t + b_t) + prod_t (a_t + c_t) - 2 prod_t a_t) / D with D = 2 C. *)
Theorem complex_to_real_variance x y : variance (estimate x y)
  = (\prod_t (dot (x t) (y t) ^+ 2 + moment_b (x t) (y t))
     + \prod_t (dot (x t) (y t) ^+ 2 + moment_c (x t) (y t))
     - (\prod_t dot (x t) (y t) ^+ 2) *+ 2) / (C.*2)%:R.
Proof.
rewrite (eq_variance (estimateE x y)) variance_mean // varianceE //.
rewrite -complex_column_moment2 complex_column_mean -prodrXl -mulrnBl.
by rewrite -muln2 natrM invfM mulrA mulrAC -[_ *+ 2]mulr_natr mulfK // pnatr_eq0.
Qed.

End Sketch.

Section Powers.

Variables (R : realFieldType) (I : finType) (p C : nat) (scale : R).
Hypotheses (C_gt0 : (0 < C)%N) (scale_sqr : scale ^+ 2 = C%:R^-1).

(* Two coins per weight: the first turns by a quarter, the second shows the sign. So a weight is
   uniform on 1, i, -1, -i. *)
Definition coin_weights (v : {ffun I -> bool} * {ffun I -> bool}) : I -> complex R :=
  turned (fun i => v.1 i) (coin_signs R v.2).

Let coins_gt0 : (0 < #|{ffun I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Let coins_fair : collision_probability R (fun (v : {ffun I -> bool}) i => v i) 2.
Proof. by rewrite -card_bool; apply: uniform_hash_collision; rewrite card_bool. Qed.

Local Notation choices := {ffun 'I_C -> {ffun 'I_p -> {ffun I -> bool} * {ffun I -> bool}}}.
Local Notation estimate x y := (fun w : choices =>
  dot (complex_to_real scale (fun k t => coin_weights (w k t)) (fun=> x))
      (complex_to_real scale (fun k t => coin_weights (w k t)) (fun=> y))).

(* Over all weights: E <Sx, Sy> = <x, y>^p. *)
Corollary uniform_complex_to_real_unbiased (x y : I -> R) :
  expectation (estimate x y) = dot x y ^+ p.
Proof.
rewrite (complex_to_real_unbiased (fun (v : {ffun I -> bool}) i => v i) C_gt0 scale_sqr
  coins_gt0 coins_gt0 (coin_signs_fourwise R I)).
by rewrite prodr_const card_ord.
Qed.

(* Over all weights: Var <Sx, Sy> = ((a + b)^p + (a + c)^p - 2 a^p) / D with D = 2 C. *)
Corollary uniform_complex_to_real_variance (x y : I -> R) :
  let a := dot x y ^+ 2 in let b := moment_b x y in let c := moment_c x y in
  variance (estimate x y) = ((a + b) ^+ p + (a + c) ^+ p - a ^+ p *+ 2) / (C.*2)%:R.
Proof.
rewrite /= (complex_to_real_variance C_gt0 scale_sqr coins_gt0 coins_gt0 coins_fair
  (coin_signs_fourwise R I)).
by rewrite !prodr_const card_ord.
Qed.

End Powers.
