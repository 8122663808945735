(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* PolySketch as it ships: CountSketch leaves, the lowest pairs of them convolved as they are, and
   TensorSketches of degree 2 at the nodes above. All its powers are unbiased. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs Hashes CountSketch TensorSketch Tree.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section PolySketch.

Variables (R : realFieldType) (I : finType) (B : finZmodType).

Let buckets_gt0 : (0 < #|B|)%N.
Proof. by apply/card_gt0P; exists 0. Qed.

Let coins_gt0 (T : finType) : (0 < #|{ffun T -> bool}|)%N.
Proof. by rewrite card_ffun_gt0 // card_bool. Qed.

(* A hash function and signs for T coordinates. *)
Local Notation hash T := ({ffun T -> B} * {ffun T -> bool})%type.

Let hash_gt0 (T : finType) : (0 < #|{: hash T}|)%N.
Proof. by apply: card_prod_gt0; [apply: card_ffun_gt0 | apply: coins_gt0]. Qed.

(* The TensorSketch of degree 2 of u and v. *)
Definition join (T : finType) (w : {ffun 'I_2 -> hash T}) (u v : T -> R) : B -> R :=
  tensor_sketch (fun t => (w t).1) (fun t => coin_signs R (w t).2)
    (fun t => if t == ord0 then u else v).

(* E <T(u, v), T(u', v')> = <u, u'><v, v'>. *)
Lemma join_mean (T : finType) (u v u' v' : T -> R) :
  \E_(w : {ffun 'I_2 -> hash T}) dot (join w u v) (join w u' v') = dot u u' * dot v v'.
Proof.
rewrite (tensor_sketch_unbiased (fun (f : {ffun T -> B}) i => f i) (card_ffun_gt0 _ buckets_gt0)
  (coin_signs_fourwise R T)).
by rewrite big_ord_recl big_ord1.
Qed.

(* TensorSketches of degree 2 are unbiased nodes. *)
Theorem tensor_sketch_node : unbiased_node (@join B).
Proof. by split; [apply/card_ffun_gt0/hash_gt0 | apply: join_mean]. Qed.

(* Two leaves: power 1 is the first CountSketch, power 2 the convolution of both. *)
Definition twig (j : nat) (w : {ffun 'I_2 -> hash I}) (x : I -> R) : B -> R :=
  if (j <= 1)%N then count_sketch (w ord0).1 (coin_signs R (w ord0).2) x else join w x x.

Theorem twig_unbiased : unbiased_powers 2 twig.
Proof.
split=> [|j j_range x y]; first exact/card_ffun_gt0/hash_gt0.
rewrite /twig; case: j j_range => [|[|[|]]] //= _; last by rewrite join_mean expr2.
rewrite (expectation_at ord0 (fun w : hash I => dot (count_sketch w.1 (coin_signs R w.2) x)
  (count_sketch w.1 (coin_signs R w.2) y))) ?hash_gt0 //.
by rewrite uniform_count_sketch_unbiased // expr1.
Qed.

(* CountSketches alone as leaves. *)
Theorem count_sketch_leaf :
  unbiased_powers 1 (fun (_ : nat) (w : hash I) => count_sketch (R := R) w.1 (coin_signs R w.2)).
Proof.
apply: unbiased_leaf; first exact: hash_gt0.
by move=> x y; apply: uniform_count_sketch_unbiased.
Qed.

(* Every power of the shipped tree, of any shape: E <Z_j(x), Z_j(y)> = <x, y>^j. *)
Theorem poly_sketch_unbiased (t : tree) (j : nat) (x y : I -> R) : (0 < j <= degree 2 t)%N ->
  \E_w dot (tree_power 2 twig (@join B) (t := t) j w x)
           (tree_power 2 twig (@join B) (t := t) j w y) = dot x y ^+ j.
Proof.
move=> j_range.
by case: (tree_unbiased (isT : (0 < 2)%N) twig_unbiased tensor_sketch_node t) => _; apply.
Qed.

End PolySketch.
