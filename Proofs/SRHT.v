(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* The subsampled randomized Hadamard transform: m rows of H D_s over sqrt m, for a Hadamard matrix
   H of size D and random signs s. Its inner products are unbiased; their variance is
   (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m with replacement, and without it
   1 - (m - 1)/(D - 1) times that for m <= D. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Rademacher Sylvester Subsets.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Sketch.

(* I: the D coordinates, also the rows of H. J: the rows of the sketch. *)
Variables (R : realFieldType) (I J : finType) (H : I -> I -> R) (scale : R).

(* (Sx)_j = scale * (H D_s x)_p for the row p and the signs s that j takes. *)
Definition srht (s : J -> I -> R) (rows : J -> I) (x : I -> R) (j : J) : R :=
  scale * \sum_i H (rows j) i * (s j i * x i).

(* The product of the images of x and y at row p of H. *)
Definition row_product (s x y : I -> R) (p : I) : R :=
  dot (fun i => H p i * s i) x * dot (fun i => H p i * s i) y.

Lemma dot_srht s rows x y :
  dot (srht s rows x) (srht s rows y) = scale ^+ 2 * \sum_j row_product (s j) x y (rows j).
Proof.
rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mulrACA -expr2; congr (_ * (_ * _)).
  by apply: eq_bigr => i _; rewrite mulrA.
by apply: eq_bigr => i _; rewrite mulrA.
Qed.

End Sketch.

Section Rows.

Variables (R : realFieldType) (I W : finType) (H : I -> I -> R) (s : W -> I -> R).
Hypotheses (I_gt0 : (0 < #|I|)%N) (W_gt0 : (0 < #|W|)%N) (s_signs : fourwise_signs s).
Hypothesis H_hadamard : hadamard H.

(* For any signs the products of all D rows add up to D <x, y>. *)
Lemma sum_row_product v x y : \sum_p row_product H (s v) x y p = #|I|%:R * dot x y.
Proof.
rewrite /row_product; under eq_bigr do rewrite dot_product_form.
rewrite exchange_big mulr_sumr; apply: eq_bigr => i _; rewrite exchange_big /=.
transitivity (\sum_j (i == j)%:R * (#|I|%:R * (x i * y j * (s v i * s v j)))).
  apply: eq_bigr => j _; under eq_bigr do rewrite (mulrACA (H _ i)) (mulrCA (x i * y j)).
  by rewrite -mulr_suml (hadamard_columns H_hadamard) [_ * (i == j)%:R]mulrC -[LHS]mulrA.
by rewrite sum_equal (sign_sqr s_signs) mulr1.
Qed.

(* The products of all rows, less their mean <x, y>, add up to 0. *)
Lemma sum_centred v x y : \sum_p (row_product H (s v) x y p - dot x y) = 0.
Proof. by rewrite sumrB sum_row_product sumr_const -[dot x y *+ _]mulr_natl subrr. Qed.

(* Every row alone is a vector of signs: E over the signs, and the rows, of (product - <x, y>)^2. *)
Lemma row_product_variance x y :
  \E_v \E_p ((row_product H (s v) x y p - dot x y) ^+ 2) = sign_variance x y.
Proof.
rewrite expectation_swap -[RHS](expectation_const _ I_gt0); apply: eq_expectation => p.
have row_signs : fourwise_signs (fun v i => H p i * s v i).
  by apply: fourwise_signs_twist => // i; case: H_hadamard.
rewrite -(sign_product_variance W_gt0 row_signs) /variance.
by rewrite (sign_product_mean row_signs).
Qed.

Variables (m : nat) (scale : R).
Hypotheses (m_gt0 : (0 < m)%N) (scale_sqr : scale ^+ 2 = m%:R^-1).

Let m_neq0 : m%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n. Qed.

(* The error of the estimate is the mean of those of the rows, where there are m rows. *)
Lemma srht_error (J : finType) (v : J -> W) (rows : J -> I) x y : #|J| = m ->
  dot (srht H scale (fun j => s (v j)) rows x) (srht H scale (fun j => s (v j)) rows y) - dot x y
  = m%:R^-1 * \sum_j (row_product H (s (v j)) x y (rows j) - dot x y).
Proof.
move=> J_m; rewrite dot_srht scale_sqr sumrB mulrBr sumr_const J_m.
by rewrite -[dot x y *+ _]mulr_natl mulKf.
Qed.

Section WithReplacement.

(* One vector of signs, and rows drawn uniformly and independently. *)
Local Notation estimate x y := (fun w : W * {ffun 'I_m -> I} =>
  dot (srht H scale (fun=> s w.1) w.2 x) (srht H scale (fun=> s w.1) w.2 y)).

(* With replacement: E <Sx, Sy> = <x, y>. *)
Theorem srht_unbiased x y : expectation (estimate x y) = dot x y.
Proof.
rewrite expectation_pair /= -[RHS](expectation_const _ W_gt0); apply: eq_expectation => v.
under eq_expectation do rewrite dot_srht scale_sqr.
rewrite (expectation_mean I_gt0 m_gt0) /expectation sum_row_product mulrC mulKf //.
by rewrite pnatr_eq0 -lt0n.
Qed.

(* With replacement: Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Theorem srht_variance x y : variance (estimate x y) = sign_variance x y / m%:R.
Proof.
rewrite /variance srht_unbiased expectation_pair -row_product_variance -expectationZr /=.
apply: eq_expectation => v.
under eq_expectation => rows do rewrite (srht_error (fun=> v)) ?card_ord // exprMn.
pose error p := row_product H (s v) x y p - dot x y.
rewrite expectationZ (expectation_sqr_sum (g := error) m I_gt0).
  by rewrite expr2 -mulrA mulKf // mulrC.
by rewrite /expectation sum_centred mul0r.
Qed.

End WithReplacement.

Section WithoutReplacement.

(* q complete passes over all rows, and r different rows: m = q D + r. *)
Variables (q r : nat).
Hypotheses (r_le : (r <= #|I|)%N) (m_rows : m = (q * #|I| + r)%N).

(* The rows of the sketch for the last rows A, and the rows of H they take. *)
Definition passes (A : {set I}) : finType := [finType of 'I_q * I + 'I_#|A|].
Definition pass_row (A : {set I}) (j : passes A) : I :=
  match j with inl p => p.2 | inr t => enum_val t end.

(* The signs that they take: every pass has its own. *)
Definition pass_signs (v : {ffun 'I_q -> W} * W) (A : {set I}) (j : passes A) : W :=
  match j with inl p => v.1 p.1 | inr _ => v.2 end.

(* The last r rows are a uniform set of r different ones. *)
Local Notation sketch w := (srht H scale
  (fun j => s (@pass_signs w.1 (val w.2) j)) (@pass_row (val w.2))).
Local Notation estimate x y := (fun w : {ffun 'I_q -> W} * W * subset_of I r =>
  dot (sketch w x) (sketch w y)).

Let signs_gt0 : (0 < #|{: {ffun 'I_q -> W} * W}|)%N.
Proof. by apply: card_prod_gt0 => //; apply: card_ffun_gt0. Qed.

Lemma card_passes (A : subset_of I r) : #|passes (val A)| = m.
Proof. by rewrite card_sum card_prod !card_ord card_subset m_rows. Qed.

(* Complete passes have no error: that of the estimate is that of the last rows. *)
Lemma srht_last_error v (A : subset_of I r) x y :
  estimate x y (v, A) - dot x y
  = m%:R^-1 * \sum_(p in val A) (row_product H (s v.2) x y p - dot x y).
Proof.
rewrite /= (srht_error (@pass_signs v (val A))) ?card_passes // big_sumType /=; congr (_ * _).
rewrite -(pair_bigA _ (fun t p => row_product H (s (v.1 t)) x y p - dot x y)) /=.
by rewrite big1 ?add0r => [|t _]; rewrite ?sum_centred // [RHS]big_enum_val.
Qed.

(* Without replacement: E <Sx, Sy> = <x, y>. *)
Theorem srht_distinct_unbiased x y : expectation (estimate x y) = dot x y.
Proof.
rewrite expectation_pair -[RHS](expectation_const _ signs_gt0); apply: eq_expectation => v.
rewrite (eq_expectation (g := fun A : subset_of I r => dot x y
  + m%:R^-1 * \sum_(p in val A) (row_product H (s v.2) x y p - dot x y))) => [|A]; last first.
  by rewrite -srht_last_error addrC subrK.
rewrite expectationD expectation_const ?subset_gt0 // expectationZ.
rewrite (expectation_subset_sum r_le (fun p => row_product H (s v.2) x y p - dot x y)).
by rewrite /expectation sum_centred mul0r !mulr0 addr0.
Qed.

(* Without replacement, for any m = q D + r:
   Var <Sx, Sy> = V (r / m^2) (1 - (r - 1)/(D - 1))
   with V = |x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2. *)
Theorem srht_distinct_variance x y :
  variance (estimate x y)
  = sign_variance x y * (r%:R / m%:R ^+ 2 * (1 - (r%:R - 1) / (#|I|%:R - 1))).
Proof.
rewrite /variance srht_distinct_unbiased expectation_pair -row_product_variance -expectationZr.
rewrite -[RHS](expectation_snd _ (card_ffun_gt0 [finType of 'I_q] W_gt0)); apply: eq_expectation => v.
under eq_expectation do rewrite srht_last_error exprMn.
rewrite expectationZ subset_sum_moment2 ?sum_centred // exprVn mulrA mulrC.
by rewrite [_^-1 * (_ * _)]mulrA [_^-1 * r%:R]mulrC.
Qed.

End WithoutReplacement.

End Rows.

Section Uniform.

Variables (R : realFieldType) (n m : nat) (scale : R).
Hypotheses (m_gt0 : (0 < m)%N) (scale_sqr : scale ^+ 2 = m%:R^-1).

(* Coordinates and rows are numbered by n bits, D = 2^n, and H is Sylvester's matrix. *)
Local Notation bits := {ffun 'I_n -> bool}.
Local Notation H := (sylvester R (n := n)).

Let bits_gt0 : (0 < #|{: bits}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Let coins_gt0 : (0 < #|{ffun bits -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Let card_bits : #|{: bits}| = (2 ^ n)%N.
Proof. by rewrite card_ffun card_bool card_ord. Qed.

Local Notation with_replacement x y := (fun w : {ffun bits -> bool} * {ffun 'I_m -> bits} =>
  dot (srht H scale (fun=> coin_signs R w.1) w.2 x)
      (srht H scale (fun=> coin_signs R w.1) w.2 y)).

(* Over all signs and rows: E <Sx, Sy> = <x, y>. *)
Corollary sylvester_srht_unbiased (x y : bits -> R) :
  expectation (with_replacement x y) = dot x y.
Proof.
exact: (srht_unbiased bits_gt0 coins_gt0 (coin_signs_fourwise R _) (sylvester_hadamard R n)).
Qed.

(* Over all signs and rows: Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Corollary sylvester_srht_variance (x y : bits -> R) :
  variance (with_replacement x y) = sign_variance x y / m%:R.
Proof.
exact: (srht_variance bits_gt0 coins_gt0 (coin_signs_fourwise R _) (sylvester_hadamard R n)).
Qed.

Section WithoutReplacement.

Variables q r : nat.
Hypotheses (r_le : (r <= 2 ^ n)%N) (m_rows : m = (q * 2 ^ n + r)%N).

Let r_le_bits : (r <= #|{: bits}|)%N.
Proof. by rewrite card_bits. Qed.

Let m_rows_bits : m = (q * #|{: bits}| + r)%N.
Proof. by rewrite card_bits. Qed.

Local Notation sketch w := (srht H scale
  (fun j => coin_signs R (@pass_signs _ _ q w.1 (val w.2) j)) (@pass_row _ q (val w.2))).
Local Notation choices :=
  ({ffun 'I_q -> {ffun bits -> bool}} * {ffun bits -> bool} * subset_of [finType of bits] r)%type.
Local Notation without_replacement x y := (fun w : choices => dot (sketch w x) (sketch w y)).

(* Over all signs and sets of rows: E <Sx, Sy> = <x, y>. *)
Corollary sylvester_srht_distinct_unbiased (x y : bits -> R) :
  expectation (without_replacement x y) = dot x y.
Proof.
exact: (srht_distinct_unbiased coins_gt0 (coin_signs_fourwise R _) (sylvester_hadamard R n)
  m_gt0 scale_sqr r_le_bits m_rows_bits).
Qed.

(* Over all signs and sets of rows, for m = q 2^n + r:
   Var <Sx, Sy> = V (r / m^2) (1 - (r - 1)/(2^n - 1)) with V as above. *)
Corollary sylvester_srht_distinct_variance (x y : bits -> R) :
  variance (without_replacement x y)
  = sign_variance x y * (r%:R / m%:R ^+ 2 * (1 - (r%:R - 1) / ((2 ^ n)%:R - 1))).
Proof.
rewrite -card_bits.
exact: (srht_distinct_variance bits_gt0 coins_gt0 (coin_signs_fourwise R _)
  (sylvester_hadamard R n) m_gt0 scale_sqr r_le_bits m_rows_bits).
Qed.

End WithoutReplacement.

(* One incomplete pass, q = 0 and m <= 2^n: Var <Sx, Sy> = (V / m) (1 - (m - 1)/(2^n - 1)). *)
Corollary sylvester_srht_pass_variance (x y : bits -> R) : (m <= 2 ^ n)%N ->
  let sketch (w : {ffun 'I_0 -> {ffun bits -> bool}} * {ffun bits -> bool}
      * subset_of [finType of bits] m) :=
    srht H scale (fun j => coin_signs R (@pass_signs _ _ 0 w.1 (val w.2) j))
      (@pass_row _ 0 (val w.2)) in
  variance (fun w => dot (sketch w x) (sketch w y))
  = sign_variance x y / m%:R * (1 - (m%:R - 1) / ((2 ^ n)%:R - 1)).
Proof.
move=> m_le /=; rewrite sylvester_srht_distinct_variance // mulrA; congr (_ * _ * _).
by rewrite expr2 invfM mulrA divff ?mul1r // pnatr_eq0 -lt0n.
Qed.

End Uniform.
