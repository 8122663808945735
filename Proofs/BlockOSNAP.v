(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Block OSNAP, the sparse sign embedding: a CountSketch in each of s blocks of rows, over sqrt s.
   It is linear and mergeable, its inner products are unbiased, and their variance is that of
   CountSketch for every s that divides m. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes CountSketch.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Sketch.

(* K: the blocks. B b: the rows of block b. *)
Variables (R : realFieldType) (I K : finType) (B : K -> finType).
Implicit Types (h : forall b, I -> B b) (s : K * I -> R) (scale : R) (x y : I -> R).

(* (Sx)_(b, r) = scale * sum over the i with h_b(i) = r of s_(b, i) x_i. *)
Definition block_osnap scale h s x (row : {b : K & B b}) : R :=
  scale * count_sketch (h (tag row)) (fun i => s (tag row, i)) x (tagged row).

(* S(k x + l y) = k Sx + l Sy. *)
Theorem block_osnap_linear scale h s (k l : R) x y row :
  block_osnap scale h s (fun i => k * x i + l * y i) row =
  k * block_osnap scale h s x row + l * block_osnap scale h s y row.
Proof.
by rewrite /block_osnap count_sketch_linear mulrDr (mulrCA _ k) (mulrCA _ l).
Qed.

(* Merging: the sketches of disjoint blocks of input rows add up to the sketch of all rows. *)
Theorem block_osnap_merge (P : finType) (part : I -> P) scale h s x row :
  \sum_p block_osnap scale h s (restrict part p x) row = block_osnap scale h s x row.
Proof. by rewrite -mulr_sumr count_sketch_merge. Qed.

(* <Sx, Sy> = scale^2 times the sum over the blocks of the inner products of their CountSketches. *)
Lemma dot_block_osnap scale h s x y :
  dot (block_osnap scale h s x) (block_osnap scale h s y)
  = scale ^+ 2 * \sum_b sign_form (colliding (h b) x y) (fun i => s (b, i)).
Proof.
rewrite mulr_sumr.
under [RHS]eq_bigr do rewrite -dot_count_sketch /dot mulr_sumr.
rewrite (sig_big_dep xpredT (fun _ => xpredT) (fun b r => scale ^+ 2 *
  (count_sketch (h b) (fun i => s (b, i)) x r * count_sketch (h b) (fun i => s (b, i)) y r))).
by apply: eq_bigr => row _; rewrite mulrACA -expr2.
Qed.

End Sketch.

Section Moments.

Variables (R : realFieldType) (I K Wh Ws : finType) (B : K -> finType).
Variables (h : Wh -> forall b, I -> B b) (m : K -> nat) (s : Ws -> K * I -> R) (scale : R).
Hypotheses (K_gt0 : (0 < #|K|)%N) (Wh_gt0 : (0 < #|Wh|)%N) (Ws_gt0 : (0 < #|Ws|)%N).
Hypothesis h_collision : forall b, collision_probability R (fun w => h w b) (m b).
Hypothesis s_signs : fourwise_signs s.
Hypothesis scale_sqr : scale ^+ 2 = #|K|%:R^-1.

Let K_neq0 : #|K|%:R != 0 :> R.
Proof. by rewrite pnatr_eq0 -lt0n. Qed.

(* The signs of one block are 4-wise. *)
Lemma block_signs b : fourwise_signs (fun w i => s w (b, i)).
Proof.
case: s_signs => sqr moment4; split=> [w i|i j k l]; first exact: sqr.
by rewrite moment4 /paired !xpair_eqE eqxx.
Qed.

Let form u v b x y := sign_form (colliding (h u b) x y) (fun i => s v (b, i)).

(* Two blocks: E F_b F_b' = <x, y>^2 + [b = b'] V / m_b. *)
Lemma block_moment2 b b' x y :
  \E_u \E_v (form u v b x y * form u v b' x y)
  = dot x y ^+ 2 + (b == b')%:R * (sign_variance x y / (m b)%:R).
Proof.
case: (eqVneq b b') => [<-|bb'] /=.
  by rewrite mul1r (colliding_moment2 Wh_gt0 (h_collision b) (block_signs b)).
rewrite mul0r addr0; under eq_expectation => u.
  rewrite (expectation_form_pair (s := fun v i => s v (b, i)) (t := fun v i => s v (b', i))).
    rewrite !colliding_trace -expr2; over.
  move=> i j k l; case: s_signs => _ ->.
  by rewrite /paired !xpair_eqE !eqxx (negPf bb') /= addr0 mulr0 addr0 -natrM mulnb.
exact: expectation_const.
Qed.

Local Notation estimate x y :=
  (fun w : Wh * Ws => dot (block_osnap scale (h w.1) (s w.2) x)
                          (block_osnap scale (h w.1) (s w.2) y)).

(* Unbiased: E <Sx, Sy> = <x, y>. *)
Theorem block_osnap_unbiased x y : expectation (estimate x y) = dot x y.
Proof.
rewrite expectation_pair /=.
under eq_expectation => u do under eq_expectation do rewrite dot_block_osnap scale_sqr.
under eq_expectation => u.
  rewrite expectationZ expectation_sum (eq_bigr (fun=> dot x y)) => [|b _].
    rewrite sumr_const -[dot x y *+ _]mulr_natl mulKf //; over.
  by rewrite (expectation_form (block_signs b)) colliding_trace.
exact: expectation_const.
Qed.

(* Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) sum_b 1 / (s^2 m_b)
   for s blocks of m_b rows. *)
Theorem block_osnap_variance x y :
  variance (estimate x y) = sign_variance x y * \sum_b (#|K|%:R ^+ 2 * (m b)%:R)^-1.
Proof.
rewrite varianceE ?card_prod_gt0 // block_osnap_unbiased.
under eq_expectation do rewrite dot_block_osnap scale_sqr exprMn.
rewrite expectationZ expectation_sum_sqr.
under eq_bigr => b _ do under eq_bigr => b' _ do rewrite expectation_pair block_moment2.
under eq_bigr => b _ do rewrite big_split /= sumr_const sum_equal.
rewrite big_split /= sumr_const -mulrnA -[_ *+ (_ * _)]mulr_natl natrM -expr2 mulrDr.
rewrite exprVn mulKf ?expf_neq0 // addrAC subrr add0r !mulr_sumr; apply: eq_bigr => b _.
by rewrite [X in _ = _ * X]invfM mulrCA.
Qed.

End Moments.

Section Uniform.

Variables (R : realFieldType) (I K : finType) (B : K -> finType) (scale : R).
Hypotheses (K_gt0 : (0 < #|K|)%N) (B_gt0 : forall b, (0 < #|B b|)%N).
Hypothesis scale_sqr : scale ^+ 2 = #|K|%:R^-1.

(* A hash function for every block, and a sign for every block and coordinate. *)
Local Notation hashes := {dffun forall b, {ffun I -> B b}}.
Local Notation choices := (hashes * {ffun K * I -> bool})%type.
Local Notation sketch w :=
  (block_osnap scale (fun b i => (w.1 : hashes) b i) (coin_signs R w.2)).

Let hashes_gt0 : (0 < #|{: hashes}|)%N.
Proof.
pose bucket b : B b := enum_val (Ordinal (B_gt0 b)).
by apply/card_gt0P; exists [ffun b => [ffun=> bucket b]].
Qed.

Let coins_gt0 : (0 < #|{ffun K * I -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

Let hashes_collision b :
  collision_probability R (fun (w : hashes) i => w b i) #|B b|.
Proof.
move=> i j ij; rewrite -(uniform_hash_collision R (B_gt0 b) ij).
exact: (expectation_at_dependent (fun u : {ffun I -> B b} => (u i == u j)%:R)).
Qed.

(* Over all hash functions and signs: E <Sx, Sy> = <x, y>. *)
Corollary uniform_block_osnap_unbiased (x y : I -> R) :
  \E_(w : choices) dot (sketch w x) (sketch w y) = dot x y.
Proof.
exact: (block_osnap_unbiased (fun (w : hashes) b i => w b i) K_gt0 hashes_gt0
  (coin_signs_fourwise R _) scale_sqr).
Qed.

(* Over all hash functions and signs, with s blocks of any sizes m_b:
   Var <Sx, Sy> = (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) sum_b 1 / (s^2 m_b). *)
Corollary uniform_block_osnap_variance (x y : I -> R) :
  variance (fun w : choices => dot (sketch w x) (sketch w y))
  = sign_variance x y * \sum_b (#|K|%:R ^+ 2 * #|B b|%:R)^-1.
Proof.
exact: (block_osnap_variance K_gt0 hashes_gt0 coins_gt0 hashes_collision
  (coin_signs_fourwise R _) scale_sqr).
Qed.

(* With s blocks of m / s rows, whatever s: the variance of CountSketch,
   (|x|^2 |y|^2 + <x, y>^2 - 2 sum_k x_k^2 y_k^2) / m. *)
Corollary uniform_block_osnap_variance_equal m (x y : I -> R) :
  (forall b, #|K| * #|B b| = m)%N ->
  variance (fun w : choices => dot (sketch w x) (sketch w y)) = sign_variance x y / m%:R.
Proof.
move=> sizes; rewrite uniform_block_osnap_variance; congr (_ * _).
rewrite (eq_bigr (fun=> (#|K|%:R * m%:R)^-1)) => [|b _].
  rewrite sumr_const -[_^-1 *+ _]mulr_natl invfM mulVKf //.
  by rewrite pnatr_eq0 -lt0n.
by rewrite -(sizes b) natrM mulrA.
Qed.

End Uniform.
