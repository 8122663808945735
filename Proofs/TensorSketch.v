(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* TensorSketch of any degree p: the circular convolution of p CountSketches is the CountSketch of
   the tensor product with the hash sum_t h_t mod D and the signs prod_t s_t. Its inner products are
   unbiased, with variance (1/D)((a + b)^p + (a + c)^p - 2 a^p)
   + (kappa/D^2)((a + b + c)^p - (a + b)^p - (a + c)^p + a^p), where kappa is 2 for even D and 1 for
   odd D. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes CountSketch FactorIdentity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Sketch.

(* B: the group of buckets, the integers mod D. *)
Variables (R : realFieldType) (I : finType) (B : finZmodType) (p : nat).
Implicit Types (h : 'I_p -> I -> B) (s x y : 'I_p -> I -> R).

(* (f_1 * ... * f_p)(b) = sum over u_1 + ... + u_p = b of prod_t f_t(u_t). *)
Definition convolution (f : 'I_p -> B -> R) (b : B) : R :=
  \sum_(u : {ffun 'I_p -> B} | \sum_t u t == b) \prod_t f t (u t).

Definition tensor_sketch h s x (b : B) : R :=
  convolution (fun t => count_sketch (h t) (s t) (x t)) b.

(* The entries prod_t x_t(i_t) of x_1 (x) ... (x) x_p, and the combined hash and signs. *)
Definition tensor x (i : {ffun 'I_p -> I}) : R := \prod_t x t (i t).
Definition combined_hash h (i : {ffun 'I_p -> I}) : B := \sum_t h t (i t).

(* The convolution is the CountSketch of the tensor product by the combined hash and signs. *)
Theorem tensor_sketch_count_sketch h s x b :
  tensor_sketch h s x b = count_sketch (combined_hash h) (tensor s) (tensor x) b.
Proof.
pose hashes (i : {ffun 'I_p -> I}) : {ffun 'I_p -> B} := [ffun t => h t (i t)].
have product (u : {ffun 'I_p -> B}) : \prod_t count_sketch (h t) (s t) (x t) (u t)
    = \sum_(i | hashes i == u) tensor s i * tensor x i.
  rewrite /count_sketch (bigA_distr_big_dep (fun t j => h t j == u t)) /=.
  apply: eq_big => [i|i _]; last by rewrite big_split.
  apply/familyP/eqP => [hit|<- t]; last by rewrite unfold_in /= ffunE eqxx.
  by apply/ffunP => t; rewrite ffunE; apply/eqP; apply: hit.
rewrite /tensor_sketch /convolution; under eq_bigr do rewrite product.
rewrite (exchange_big_dep xpredT) //= [RHS]big_mkcond; apply: eq_bigr => i _.
have -> : combined_hash h i = \sum_t hashes i t by apply: eq_bigr => t _; rewrite ffunE.
have same (u : {ffun 'I_p -> B}) : (\sum_t u t == b) && (hashes i == u)
    = (u == hashes i) && (\sum_t hashes i t == b).
  by rewrite andbC eq_sym; case: eqP => // ->.
rewrite (eq_bigl _ _ same); case: (_ == b).
  by rewrite (big_pred1 (hashes i)) // => u; rewrite andbT.
by rewrite big_pred0 // => u; rewrite andbF.
Qed.

End Sketch.

Section Correlations.

Variables (R : realFieldType) (B : finZmodType).
Implicit Types (f g : B -> R).

(* sum_v f(v + d) g(v). *)
Definition correlation f g (d : B) : R := \sum_v f (v + d) * g v.

Lemma sum_by_total (T : finType) (total : T -> B) (H : T -> B -> R) :
  \sum_b \sum_(v | total v == b) H v b = \sum_v H v (total v).
Proof.
rewrite (exchange_big_dep xpredT) //=; apply: eq_bigr => v _.
by rewrite (big_pred1 (total v)) // => b; rewrite eq_sym.
Qed.

(* The inner product of convolutions is the convolution of the correlations at 0. *)
Lemma dot_convolution p (f g : 'I_p -> B -> R) :
  dot (convolution f) (convolution g) = convolution (fun t => correlation (f t) (g t)) 0.
Proof.
transitivity (\sum_(v : {ffun 'I_p -> B})
    \sum_(u : {ffun 'I_p -> B} | \sum_t u t == \sum_t v t) (\prod_t f t (u t)) * \prod_t g t (v t)).
  rewrite -(sum_by_total (fun v : {ffun 'I_p -> B} => \sum_t v t) (fun v b =>
    \sum_(u : {ffun 'I_p -> B} | \sum_t u t == b) (\prod_t f t (u t)) * \prod_t g t (v t))).
  apply: eq_bigr => b _; rewrite /convolution mulr_sumr; apply: eq_bigr => v _.
  by rewrite mulr_suml.
transitivity (\sum_(v : {ffun 'I_p -> B}) \sum_(d : {ffun 'I_p -> B} | \sum_t d t == 0)
    \prod_t (f t (v t + d t) * g t (v t))).
  apply: eq_bigr => v _; rewrite (reindex_inj (addrI v)); apply: eq_big => [d|d _].
    by under eq_bigr do rewrite ffunE; rewrite big_split /= addrC -subr_eq0 addrK.
  by rewrite big_split; congr (_ * _); apply: eq_bigr => t _; rewrite ffunE.
rewrite exchange_big; apply: eq_bigr => d _ /=.
by rewrite /correlation bigA_distr_bigA.
Qed.

(* The correlation of CountSketches at d: sum of x_i y_j s_i s_j over h(i) - h(j) = d. *)
Lemma correlation_count_sketch (I : finType) (h : I -> B) (s x y : I -> R) d :
  correlation (count_sketch h s x) (count_sketch h s y) d
  = \sum_i \sum_j (h i - h j == d)%:R * (x i * y j * (s i * s j)).
Proof.
transitivity (\sum_v \sum_i \sum_j
    (h j == v)%:R * ((h i == v + d)%:R * (x i * y j * (s i * s j)))).
  apply: eq_bigr => v _; rewrite /count_sketch big_mkcond mulr_suml; apply: eq_bigr => i _.
  rewrite [X in _ * X]big_mkcond mulr_sumr; apply: eq_bigr => j _.
  case: (h i == _); case: (h j == _); rewrite /= ?mul1r ?mul0r ?mulr0 ?mul0r //.
  by rewrite mulrACA mulrC.
rewrite exchange_big; apply: eq_bigr => i _; rewrite exchange_big; apply: eq_bigr => j _ /=.
rewrite (sum_equal (h j) (fun v => (h i == v + d)%:R * (x i * y j * (s i * s j)))).
by rewrite subr_eq addrC.
Qed.

(* Its sum against a test function. *)
Lemma correlation_test (I : finType) (h : I -> B) (s x y : I -> R) (g : B -> R) :
  \sum_d g d * correlation (count_sketch h s x) (count_sketch h s y) d
  = \sum_i \sum_j g (h i - h j) * (x i * y j * (s i * s j)).
Proof.
under eq_bigr do rewrite correlation_count_sketch mulr_sumr.
rewrite exchange_big; apply: eq_bigr => i _ /=.
under eq_bigr do rewrite mulr_sumr.
rewrite exchange_big; apply: eq_bigr => j _ /=.
rewrite -(sum_equal (h i - h j) (fun d => g d * (x i * y j * (s i * s j)))).
by apply: eq_bigr => d _; rewrite mulrCA.
Qed.

(* Sums against a test function of two totals. *)
Definition double_test p (A : 'I_p -> B -> R) (phi : B -> B -> R) : R :=
  \sum_(u : {ffun 'I_p -> B}) \sum_(v : {ffun 'I_p -> B})
    phi (\sum_t u t) (\sum_t v t) * \prod_t (A t (u t) * A t (v t)).

(* The square of a convolution at 0. *)
Lemma convolution_sqr p (A : 'I_p -> B -> R) :
  convolution A 0 ^+ 2 = double_test A (fun u v => (u == 0)%:R * (v == 0)%:R).
Proof.
rewrite expr2 {1}/convolution big_mkcond mulr_suml; apply: eq_bigr => u _.
rewrite /convolution [X in _ * X]big_mkcond mulr_sumr; apply: eq_bigr => v _.
by rewrite big_split /=; case: eqP; case: eqP; rewrite /= ?mul0r ?mulr0 ?mul0r ?mul1r.
Qed.

(* One factor more. *)
Lemma double_test_cons p (A : 'I_p.+1 -> B -> R) phi : double_test A phi
  = \sum_a \sum_c double_test (fun t => A (lift ord0 t)) (fun u v => phi (a + u) (c + v))
    * (A ord0 a * A ord0 c).
Proof.
rewrite /double_test sum_cons; apply: eq_bigr => a _.
transitivity (\sum_(u : {ffun 'I_p -> B}) \sum_c \sum_(v : {ffun 'I_p -> B})
    phi (a + \sum_t u t) (c + \sum_t v t)
    * \prod_t (A (lift ord0 t) (u t) * A (lift ord0 t) (v t)) * (A ord0 a * A ord0 c)).
  apply: eq_bigr => u _; rewrite sum_cons; apply: eq_bigr => c _; apply: eq_bigr => v _.
  rewrite !big_ord_recl !ffun_cons0 -[RHS]mulrA [X in _ = _ * X]mulrC.
  congr (phi (_ + _) (_ + _) * (_ * _)); apply: eq_bigr => t _; by rewrite !ffun_consS.
rewrite exchange_big; apply: eq_bigr => c _ /=.
by rewrite mulr_suml; apply: eq_bigr => u _; rewrite mulr_suml.
Qed.

End Correlations.

Section Moments.

Variables (R : realFieldType) (I : finType) (B : finZmodType).

(* E of the test function over the four laws of the differences (u, v): both 0, equal, opposite, and
   sum and difference of independent ones. *)
Definition both_zero (phi : B -> B -> R) : R := phi 0 0.
Definition equal (phi : B -> B -> R) : R := \E_r phi r r.
Definition opposite (phi : B -> B -> R) : R := \E_r phi r (- r).
Definition mixed (phi : B -> B -> R) : R := \E_r \E_t phi (r + t) (r - t).

(* The totals shifted by those of one more factor. *)
Definition shift (phi : B -> B -> R) (a c : B) (u v : B) : R := phi (a + u) (c + v).

Let B_gt0 : (0 < #|B|)%N.
Proof. by apply/card_gt0P; exists 0. Qed.

Let translate (a : B) (f : B -> R) : \E_u f (a + u) = expectation f.
Proof.
rewrite -(expectation_translate a f); by apply: eq_expectation => u; rewrite addrC.
Qed.

Lemma shift_zero phi : [/\ both_zero (shift phi 0 0) = both_zero phi,
  equal (shift phi 0 0) = equal phi, opposite (shift phi 0 0) = opposite phi
  & mixed (shift phi 0 0) = mixed phi].
Proof.
split; rewrite /both_zero /equal /opposite /mixed /shift ?add0r //.
- by apply: eq_expectation => r; rewrite !add0r.
- by apply: eq_expectation => r; rewrite !add0r.
- by apply: eq_expectation => r; apply: eq_expectation => t; rewrite !add0r.
Qed.

Lemma shift_equal phi : [/\ \E_r both_zero (shift phi r r) = equal phi,
  \E_r equal (shift phi r r) = equal phi, \E_r opposite (shift phi r r) = mixed phi
  & \E_r mixed (shift phi r r) = mixed phi].
Proof.
split; rewrite /both_zero /equal /opposite /mixed /shift //.
- by apply: eq_expectation => r; rewrite !addr0.
- rewrite -[RHS](expectation_const _ B_gt0); apply: eq_expectation => r.
  exact: (translate r (fun u => phi u u)).
- rewrite -[RHS](expectation_const _ B_gt0); apply: eq_expectation => r.
  rewrite -[RHS](translate r); apply: eq_expectation => u; apply: eq_expectation => t.
  by rewrite !addrA.
Qed.

Lemma shift_opposite phi : [/\ \E_r both_zero (shift phi r (- r)) = opposite phi,
  \E_r equal (shift phi r (- r)) = mixed phi,
  \E_r opposite (shift phi r (- r)) = opposite phi
  & \E_r mixed (shift phi r (- r)) = mixed phi].
Proof.
split; rewrite /both_zero /equal /opposite /mixed /shift.
- by apply: eq_expectation => r; rewrite !addr0.
- rewrite expectation_swap; apply: eq_expectation => u; apply: eq_expectation => r.
  by rewrite addrC [- r + u]addrC.
- rewrite -[RHS](expectation_const _ B_gt0); apply: eq_expectation => r.
  rewrite -[RHS](translate r); apply: eq_expectation => u.
  by rewrite opprD.
- rewrite -[RHS](expectation_const _ B_gt0); apply: eq_expectation => r.
  apply: eq_expectation => u; rewrite -[RHS](translate r); apply: eq_expectation => t.
  by rewrite opprD !addrA [u + r]addrC [u - r]addrC.
Qed.

Variables (Wh Ws : finType) (h : Wh -> I -> B) (s : Ws -> I -> R).
Hypotheses (Wh_gt0 : (0 < #|Wh|)%N) (Ws_gt0 : (0 < #|Ws|)%N).
Hypotheses (h_differences : uniform_differences R h) (s_signs : fourwise_signs s).

Local Notation A x y w :=
  (correlation (count_sketch (h w.1) (s w.2) x) (count_sketch (h w.1) (s w.2) y)).

(* One factor: the differences are both 0 with weight a, equal with b, opposite with c. *)
Lemma factor_test phi x y :
  \E_(w : Wh * Ws) (\sum_u \sum_v phi u v * (A x y w u * A x y w v))
  = dot x y ^+ 2 * both_zero phi + moment_b x y * equal phi + moment_c x y * opposite phi.
Proof.
pose F u i j k l := phi (h u i - h u j) (h u k - h u l) * ((x i * y j) * (x k * y l)).
transitivity (\E_(w : Wh * Ws) (\sum_i \sum_j \sum_k \sum_l
    F w.1 i j k l * (s w.2 i * s w.2 j * (s w.2 k * s w.2 l)))).
  apply: eq_expectation => w.
  transitivity (\sum_u (\sum_v phi u v * A x y w v) * A x y w u).
    apply: eq_bigr => u _; rewrite mulr_suml; apply: eq_bigr => v _.
    by rewrite [A x y w u * _]mulrC mulrA.
  rewrite correlation_test; apply: eq_bigr => i _; apply: eq_bigr => j _.
  rewrite correlation_test mulr_suml; apply: eq_bigr => k _.
  rewrite mulr_suml; apply: eq_bigr => l _.
  by rewrite /F -[LHS]mulrA -[RHS]mulrA [X in _ * X = _]mulrC mulrACA.
rewrite expectation_pair /=; under eq_expectation do rewrite (expectation_sum4 s_signs).
rewrite expectationD -addrA; congr (_ + _).
  rewrite -[RHS](expectation_const _ Wh_gt0); apply: eq_expectation => u.
  rewrite expr2 /dot -sum_product mulr_suml; apply: eq_bigr => i _.
  by rewrite mulr_suml; apply: eq_bigr => j _; rewrite /F !subrr mulrC.
rewrite moment_bE moment_cE !mulr_suml -big_split expectation_sum; apply: eq_bigr => i _ /=.
rewrite !mulr_suml -big_split expectation_sum; apply: eq_bigr => j ji /=.
rewrite expectationD !expectationZr ![_ * (x i * y j * _)]mulrC; congr (_ * _ + _ * _).
  by rewrite (h_differences _ (fun r => phi r r)) // eq_sym.
under eq_expectation do rewrite -[_ _ j - _]opprB.
by rewrite (h_differences _ (fun r => phi r (- r))) // eq_sym.
Qed.

(* p factors: the second moment of the estimate against a test function of both differences. *)
Lemma double_test_moment p (x y : 'I_p -> I -> R) phi :
  let a t := dot (x t) (y t) ^+ 2 in
  let b t := moment_b (x t) (y t) in let c t := moment_c (x t) (y t) in
  \E_(w : {ffun 'I_p -> Wh * Ws}) double_test (fun t => A (x t) (y t) (w t)) phi
  = (\prod_t a t) * both_zero phi
    + (\prod_t (a t + b t) - \prod_t a t) * equal phi
    + (\prod_t (a t + c t) - \prod_t a t) * opposite phi
    + (\prod_t (a t + b t + c t) - \prod_t (a t + b t) - \prod_t (a t + c t)
       + \prod_t a t) * mixed phi.
Proof.
move=> a b c; rewrite {}/a {}/b {}/c; elim: p x y phi => [|p IHp] x y phi.
  rewrite !big_ord0 !subrr mul1r sub0r addNr !mul0r !addr0.
  have none (T : finType) (u v : {ffun 'I_0 -> T}) : u = v by apply/ffunP => -[].
  have sum0 (G : {ffun 'I_0 -> B} -> R) : \sum_u G u = G [ffun=> 0].
    by apply: big_pred1 => u; apply/esym/eqP; apply: none.
  under eq_expectation do rewrite /double_test !sum0 !big_ord0 mulr1.
  by apply: expectation_const; rewrite card_ffun card_ord expn0.
pose psi (a c : B) := \E_(w : {ffun 'I_p -> Wh * Ws}) double_test
  (fun t => A (x (lift ord0 t)) (y (lift ord0 t)) (w t)) (shift phi a c).
transitivity (\E_(w : Wh * Ws) (\sum_a \sum_c psi a c
    * (A (x ord0) (y ord0) w a * A (x ord0) (y ord0) w c))).
  rewrite expectation_cons; apply: eq_expectation => u.
  under eq_expectation do rewrite double_test_cons.
  rewrite expectation_sum; apply: eq_bigr => a _; rewrite expectation_sum; apply: eq_bigr => c _.
  rewrite /psi -expectationZr; apply: eq_expectation => v; rewrite !ffun_cons0; congr (_ * _).
  by apply: eq_bigr => d _; apply: eq_bigr => e _; congr (_ * _); apply: eq_bigr => t _;
    rewrite !ffun_consS.
have psiE a c := IHp (fun t => x (lift ord0 t)) (fun t => y (lift ord0 t)) (shift phi a c).
rewrite factor_test !big_ord_recl; move: psiE; set P := \prod_t _; set X := \prod_t _.
set Y := \prod_t _; set Z := \prod_t _ => psiE.
have [e1 e2 e3 e4] := shift_zero phi.
have -> : both_zero psi = P * both_zero phi + (X - P) * equal phi + (Y - P) * opposite phi
    + (Z - X - Y + P) * mixed phi.
  by rewrite -[LHS]/(psi 0 0) /psi psiE e1 e2 e3 e4.
have [f1 f2 f3 f4] := shift_equal phi.
have -> : equal psi = P * equal phi + (X - P) * equal phi + (Y - P) * mixed phi
    + (Z - X - Y + P) * mixed phi.
  rewrite -[LHS]/(\E_r psi r r) /psi; under eq_expectation do rewrite psiE.
  by rewrite !expectationD !expectationZ f1 f2 f3 f4.
have [g1 g2 g3 g4] := shift_opposite phi.
have -> : opposite psi = P * opposite phi + (X - P) * mixed phi + (Y - P) * opposite phi
    + (Z - X - Y + P) * mixed phi.
  rewrite -[LHS]/(\E_r psi r (- r)) /psi; under eq_expectation do rewrite psiE.
  by rewrite !expectationD !expectationZ g1 g2 g3 g4.
exact: factor_identity.
Qed.

(* Independent factors, each with its hash function and signs. *)
Local Notation sketch w x := (tensor_sketch (fun t => h (w t).1) (fun t => s (w t).2) x).
Local Notation estimate x y :=
  (fun w : {ffun 'I__ -> Wh * Ws} => dot (sketch w x) (sketch w y)).

(* E of the correlation at d: [d = 0] <x, y>. *)
Lemma correlation_mean x y d : \E_(w : Wh * Ws) A x y w d = (d == 0)%:R * dot x y.
Proof.
transitivity (\E_(w : Wh * Ws)
    sign_form (fun i j => (h w.1 i - h w.1 j == d)%:R * (x i * y j)) (s w.2)).
  apply: eq_expectation => w; rewrite correlation_count_sketch.
  by apply: eq_bigr => i _; apply: eq_bigr => j _; rewrite mulrA.
rewrite expectation_pair /=; under eq_expectation do rewrite (expectation_form s_signs).
rewrite -[RHS](expectation_const _ Wh_gt0); apply: eq_expectation => u.
by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite subrr eq_sym.
Qed.

(* Unbiased: E <Sx, Sy> = prod_t <x_t, y_t>. *)
Theorem tensor_sketch_unbiased p (x y : 'I_p -> I -> R) :
  expectation (estimate x y) = \prod_t dot (x t) (y t).
Proof.
under eq_expectation do rewrite dot_convolution /convolution.
pose u0 : {ffun 'I_p -> B} := [ffun=> 0].
rewrite expectation_sum (bigD1 u0) /=; last by rewrite big1 // => t _; rewrite ffunE.
rewrite (expectation_prod (fun t w => A (x t) (y t) w (u0 t))).
rewrite [X in _ + X]big1 ?addr0 => [|u /andP[_ uu0]].
  by apply: eq_bigr => t _; rewrite correlation_mean ffunE eqxx mul1r.
rewrite (expectation_prod (fun t w => A (x t) (y t) w (u t))).
have [t ut0] : exists t, u t != 0.
  apply/existsP; apply: contraR uu0 => /existsPn none; apply/eqP/ffunP => t.
  by rewrite ffunE; apply/eqP; move: (none t); rewrite negbK.
by rewrite (bigD1 t) //= correlation_mean (negPf ut0) !mul0r.
Qed.

(* The number of buckets r with 2 r = 0. *)
Definition kappa : nat := #|[set r : B | r + r == 0]|.

Let zero2 (u v : B) : R := (u == 0)%:R * (v == 0)%:R.

Lemma equal_zero2 : equal zero2 = #|B|%:R^-1.
Proof.
rewrite /equal /expectation (bigD1 (0 : B)) //= /zero2 eqxx mulr1.
by rewrite big1 ?addr0 ?mul1r // => r /negPf->; rewrite mul0r.
Qed.

Lemma opposite_zero2 : opposite zero2 = #|B|%:R^-1.
Proof. by rewrite -equal_zero2; apply: eq_expectation => r; rewrite /zero2 oppr_eq0. Qed.

Lemma mixed_zero2 : mixed zero2 = kappa%:R / #|B|%:R ^+ 2.
Proof.
rewrite /mixed expr2 invfM mulrA /kappa -sum1_card natr_sum big_mkcond /expectation -mulr_suml.
congr (_ / _ / _); apply: eq_bigr => r _; rewrite inE.
under eq_bigr do rewrite /zero2 addrC addr_eq0 eq_sym.
by rewrite sum_equal opprK; case: (_ == 0).
Qed.

(* Var <Sx, Sy> = (prod_t (a_t + b_t) + prod_t (a_t + c_t) - 2 prod_t a_t) / D + (kappa / D^2)
   (prod_t (a_t + b_t + c_t) - prod_t (a_t + b_t) - prod_t (a_t + c_t) + prod_t a_t). *)
Theorem tensor_sketch_variance p (x y : 'I_p -> I -> R) :
  let a t := dot (x t) (y t) ^+ 2 in
  let b t := moment_b (x t) (y t) in let c t := moment_c (x t) (y t) in
  variance (estimate x y)
  = (\prod_t (a t + b t) + \prod_t (a t + c t) - (\prod_t a t) *+ 2) / #|B|%:R
    + kappa%:R / #|B|%:R ^+ 2
      * (\prod_t (a t + b t + c t) - \prod_t (a t + b t) - \prod_t (a t + c t) + \prod_t a t).
Proof.
move=> a b c; rewrite varianceE; last by rewrite card_ffun_gt0 // card_prod_gt0.
rewrite tensor_sketch_unbiased; under eq_expectation do rewrite dot_convolution convolution_sqr.
rewrite double_test_moment equal_zero2 opposite_zero2 mixed_zero2 /both_zero /zero2 eqxx !mulr1.
rewrite prodrXl -/(a _); set P := \prod_t _; set X := \prod_t _; set Y := \prod_t _.
rewrite [LHS]addrAC; congr (_ + _); last by rewrite mulrC.
by rewrite -[P ^+ 2 + _ + _]addrA [LHS]addrAC subrr add0r -mulrDl addrACA -opprD mulr2n.
Qed.

End Moments.

Lemma half_dvdn e r : (0 < e)%N -> (r < e.*2)%N ->
  (e.*2 %| r.*2)%N = (r == 0%N) || (r == e).
Proof.
move=> e_gt0 r_lt; rewrite -!mul2n dvdn_pmul2l //.
apply/dvdnP/orP => [[q r_q]|[/eqP->|/eqP->]]; [|by exists 0%N|by exists 1%N; rewrite mul1n].
have : (q < 2)%N by rewrite -(ltn_pmul2r e_gt0) -r_q mul2n.
by case: q r_q => [|[|//]] -> _; [left|right]; rewrite ?mul0n ?mul1n.
Qed.

Section Uniform.

(* Buckets 0, ..., D - 1 with addition mod D, for D = n + 1; uniform hash functions and signs. *)
Variables (R : realFieldType) (I : finType) (n p : nat).
Local Notation B := 'I_n.+1.
Local Notation D := n.+1.
Local Notation choices := {ffun 'I_p -> {ffun I -> B} * {ffun I -> bool}}.
Local Notation sketch w x :=
  (tensor_sketch (fun t i => (w t).1 i) (fun t => coin_signs R (w t).2) (fun=> x)).

(* 2 r = 0 mod D has two solutions for even D, one for odd D. *)
Lemma kappa_cyclic : kappa [finZmodType of B] = (if odd D then 1 else 2)%N.
Proof.
have double (r : B) : (r + r == 0) = (D %| r.*2)%N.
  by rewrite -val_eqE /= addnn.
case: ifP => [odd_D|/negbT even_D].
  rewrite /kappa (_ : [set r | r + r == 0] = [set 0]) ?cards1 //; apply/setP => r.
  rewrite !inE double -muln2 Gauss_dvdl ?coprimen2 // -val_eqE /=.
  by rewrite /dvdn modn_small.
have [e D_e] : exists e, D = e.*2.
  by exists D./2; rewrite -[LHS]odd_double_half (negbTE even_D).
have e_gt0 : (0 < e)%N by rewrite -double_gt0 -D_e.
have e_lt : (e < D)%N by rewrite D_e -addnn -[X in (X < _)%N]addn0 ltn_add2l.
have dvd (k : nat) : (k < D)%N -> (D %| k.*2)%N = (k == 0%N) || (k == e).
  by rewrite D_e; apply: half_dvdn.
rewrite /kappa (_ : [set r | r + r == 0] = [set 0; Ordinal e_lt]).
  by rewrite cards2 -val_eqE /= eq_sym -lt0n e_gt0.
by apply/setP => r; rewrite !inE double -!val_eqE /= dvd.
Qed.

Let hashes_gt0 : (0 < #|{ffun I -> B}|)%N.
Proof. by rewrite card_ffun_gt0 // card_ord. Qed.

Let coins_gt0 : (0 < #|{ffun I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

(* Over all hash functions and signs: E <Sx, Sy> = <x, y>^p. *)
Corollary uniform_tensor_sketch_unbiased (x y : I -> R) :
  \E_(w : choices) dot (sketch w x) (sketch w y) = dot x y ^+ p.
Proof.
rewrite (tensor_sketch_unbiased (fun (u : {ffun I -> B}) i => u i) hashes_gt0
  (coin_signs_fourwise R I)).
by rewrite prodr_const card_ord.
Qed.

(* Over all hash functions and signs: Var <Sx, Sy> = ((a + b)^p + (a + c)^p - 2 a^p) / D
   + (kappa / D^2) ((a + b + c)^p - (a + b)^p - (a + c)^p + a^p), kappa = 1 for odd D, else 2. *)
Corollary uniform_tensor_sketch_variance (x y : I -> R) :
  let a := dot x y ^+ 2 in let b := moment_b x y in let c := moment_c x y in
  variance (fun w : choices => dot (sketch w x) (sketch w y))
  = ((a + b) ^+ p + (a + c) ^+ p - a ^+ p *+ 2) / D%:R
    + (if odd D then 1 else 2)%N%:R / D%:R ^+ 2
      * ((a + b + c) ^+ p - (a + b) ^+ p - (a + c) ^+ p + a ^+ p).
Proof.
rewrite /= -kappa_cyclic (tensor_sketch_variance hashes_gt0 coins_gt0
  (@uniform_hash_differences R I [finZmodType of B]) (coin_signs_fourwise R I)).
by rewrite !prodr_const !card_ord.
Qed.

End Uniform.
