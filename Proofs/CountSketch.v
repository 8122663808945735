(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* CountSketch: it is linear and mergeable, its inner products are unbiased, and their variance is
   (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m, for pairwise hashes and 4-wise signs. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Sketch.

Variables (R : realFieldType) (I B : finType).
Implicit Types (h : I -> B) (s x y : I -> R).

(* (Sx)_b = sum over the i in bucket b of s_i x_i. *)
Definition count_sketch h s x (b : B) : R := \sum_(i | h i == b) s i * x i.

(* S(k x + l y) = k Sx + l Sy. *)
Theorem count_sketch_linear h s (k l : R) x y b :
  count_sketch h s (fun i => k * x i + l * y i) b =
  k * count_sketch h s x b + l * count_sketch h s y b.
Proof.
rewrite /count_sketch !mulr_sumr -big_split; apply: eq_bigr => i _ /=.
by rewrite mulrDr !(mulrCA (s i)).
Qed.

(* The rows of block k alone. *)
Definition restrict (K : eqType) (block : I -> K) (k : K) x (i : I) : R :=
  if block i == k then x i else 0.

(* Merging: the sketches of disjoint blocks of rows add up to the sketch of all rows. *)
Theorem count_sketch_merge (K : finType) (block : I -> K) h s x b :
  \sum_k count_sketch h s (restrict block k x) b = count_sketch h s x b.
Proof.
rewrite exchange_big; apply: eq_bigr => i _ /=.
rewrite (bigD1 (block i)) //= /restrict eqxx big1 ?addr0 // => k /negPf ki.
by rewrite eq_sym ki mulr0.
Qed.

(* The matrix of <Sx, Sy> as a form in the signs: x_i y_j where i and j collide. *)
Definition colliding h x y (i j : I) : R := (h i == h j)%:R * (x i * y j).

(* <Sx, Sy> = sum over i and j with h(i) = h(j) of x_i y_j s_i s_j. *)
Lemma dot_count_sketch h s x y :
  dot (count_sketch h s x) (count_sketch h s y) = sign_form (colliding h x y) s.
Proof.
transitivity (\sum_b \sum_i \sum_j (h i == b)%:R * (h j == b)%:R * ((x i * y j) * (s i * s j))).
  apply: eq_bigr => b _; rewrite /count_sketch big_mkcond mulr_suml; apply: eq_bigr => i _.
  rewrite big_mkcond mulr_sumr; apply: eq_bigr => j _ /=.
  case: (h i == b); case: (h j == b); rewrite ?mul0r ?mulr0 ?mul0r ?mul1r //.
  by rewrite mulrACA mulrC.
rewrite exchange_big; apply: eq_bigr => i _; rewrite exchange_big; apply: eq_bigr => j _ /=.
rewrite -mulr_suml /colliding mulrA; congr (_ * _ * _).
rewrite (bigD1 (h i)) //= eqxx mul1r eq_sym big1 ?addr0 // => b /negPf hb.
by rewrite eq_sym hb mul0r.
Qed.

Lemma colliding_trace h x y : \sum_i colliding h x y i i = dot x y.
Proof. by apply: eq_bigr => i _; rewrite /colliding eqxx mul1r. Qed.

End Sketch.

Section Moments.

Variables (R : realFieldType) (I B Wh Ws : finType).
Variables (h : Wh -> I -> B) (m : nat) (s : Ws -> I -> R).
Hypotheses (Wh_gt0 : (0 < #|Wh|)%N) (Ws_gt0 : (0 < #|Ws|)%N).
Hypotheses (h_collision : collision_probability R h m) (s_signs : fourwise_signs s).

(* The sum over i <> j of F_ij [h(i) = h(j)] is expected to be that of F over m. *)
Lemma expectation_collisions (F : I -> I -> R) :
  \E_u (\sum_i \sum_(j | j != i) (h u i == h u j)%:R * F i j)
  = (\sum_i \sum_(j | j != i) F i j) / m%:R.
Proof.
rewrite expectation_sum mulr_suml; apply: eq_bigr => i _.
rewrite expectation_sum mulr_suml; apply: eq_bigr => j ji.
by rewrite expectationZr h_collision 1?eq_sym // mulrC.
Qed.

(* Second moment of the form over all signs and hashes: <x, y>^2 + (b + c) / m. *)
Lemma colliding_moment2 x y :
  \E_u \E_v (sign_form (colliding (h u) x y) (s v) * sign_form (colliding (h u) x y) (s v))
  = dot x y ^+ 2 + sign_variance x y / m%:R.
Proof.
under eq_expectation do rewrite (expectation_form2 s_signs) colliding_trace -expr2.
rewrite expectationD expectation_const //; congr (_ + _).
rewrite sign_varianceE moment_bE moment_cE -big_split /=.
under [in RHS]eq_bigr do rewrite -big_split /=.
rewrite -expectation_collisions; apply: eq_expectation => u.
apply: eq_bigr => i _; apply: eq_bigr => j _; rewrite /colliding [h u j == _]eq_sym.
by case: (h u i == h u j); rewrite ?mul0r // !mul1r mulrDr.
Qed.

(* Unbiased: E <Sx, Sy> = <x, y>. *)
Theorem count_sketch_unbiased x y :
  \E_(w : Wh * Ws) dot (count_sketch (h w.1) (s w.2) x) (count_sketch (h w.1) (s w.2) y)
  = dot x y.
Proof.
rewrite expectation_pair /=.
under eq_expectation => u do under eq_expectation do rewrite dot_count_sketch.
under eq_expectation do rewrite (expectation_form s_signs) colliding_trace.
exact: expectation_const.
Qed.

(* Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Theorem count_sketch_variance x y :
  variance (fun w : Wh * Ws =>
    dot (count_sketch (h w.1) (s w.2) x) (count_sketch (h w.1) (s w.2) y))
  = sign_variance x y / m%:R.
Proof.
rewrite varianceE ?card_prod_gt0 // count_sketch_unbiased expectation_pair /=.
under eq_expectation => u do under eq_expectation do rewrite dot_count_sketch expr2.
by rewrite colliding_moment2 addrAC subrr add0r.
Qed.

End Moments.

Section Uniform.

Variables (R : realFieldType) (I B : finType).
Hypothesis B_gt0 : (0 < #|B|)%N.

(* All hash functions and all signs, each pair equally likely. *)
Local Notation choices := ({ffun I -> B} * {ffun I -> bool})%type.

Let coins_gt0 : (0 < #|{ffun I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

(* Over all hash functions and signs: E <Sx, Sy> = <x, y>. *)
Corollary uniform_count_sketch_unbiased (x y : I -> R) :
  \E_(w : choices) dot (count_sketch w.1 (coin_signs R w.2) x)
    (count_sketch w.1 (coin_signs R w.2) y) = dot x y.
Proof.
exact: (count_sketch_unbiased (fun (u : {ffun I -> B}) i => u i) (card_ffun_gt0 _ B_gt0)
  (coin_signs_fourwise R I)).
Qed.

(* Over all hash functions and signs:
   Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m with m = |B|. *)
Corollary uniform_count_sketch_variance (x y : I -> R) :
  variance (fun w : choices => dot (count_sketch w.1 (coin_signs R w.2) x)
    (count_sketch w.1 (coin_signs R w.2) y)) = sign_variance x y / #|B|%:R.
Proof.
exact: (count_sketch_variance (card_ffun_gt0 _ B_gt0) coins_gt0
  (uniform_hash_collision R B_gt0) (coin_signs_fourwise R I) x y).
Qed.

End Uniform.
