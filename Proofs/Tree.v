(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Sketches made of sketches: the composition of independent unbiased sketches is unbiased, and so
   is the tree of degree-2 sketches for every power, with its pass-through of right children that
   are not needed. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Composition.

Variables (R : realFieldType) (I J K : finType).

(* A random map S of vectors, drawn by w in W: E <S_w x, S_w y> = <x, y>. *)
Definition unbiased (W I' J' : finType) (S : W -> (I' -> R) -> J' -> R) : Prop :=
  forall x y, \E_w dot (S w x) (S w y) = dot x y.

Variables (V W : finType) (S : V -> (I -> R) -> J -> R) (T : W -> (J -> R) -> K -> R).

(* Composition: for independent unbiased S and T, E <T S x, T S y> = <x, y>. *)
Theorem composition_unbiased : unbiased S -> unbiased T ->
  unbiased (fun (w : V * W) x => T w.2 (S w.1 x)).
Proof.
move=> S_unbiased T_unbiased x y; rewrite expectation_pair /= -S_unbiased.
by apply: eq_expectation => v; apply: T_unbiased.
Qed.

(* Its variance: Var <T S x, T S y> = Var <S x, S y> + E Var (<T u, T v> | u = S x, v = S y). *)
Theorem composition_variance x y : unbiased S -> unbiased T ->
  (0 < #|V|)%N -> (0 < #|W|)%N ->
  variance (fun w : V * W => dot (T w.2 (S w.1 x)) (T w.2 (S w.1 y)))
  = variance (fun v => dot (S v x) (S v y))
    + \E_v variance (fun w => dot (T w (S v x)) (T w (S v y))).
Proof.
move=> S_unbiased T_unbiased V_gt0 W_gt0; rewrite !varianceE ?card_prod_gt0 //.
rewrite (composition_unbiased S_unbiased T_unbiased x y) S_unbiased expectation_pair /=.
have -> : \E_v variance (fun w => dot (T w (S v x)) (T w (S v y)))
    = \E_v \E_w (dot (T w (S v x)) (T w (S v y)) ^+ 2) - \E_v (dot (S v x) (S v y) ^+ 2).
  by rewrite -expectationB; apply: eq_expectation => v; rewrite varianceE // T_unbiased.
by rewrite addrCA addrAC subrr add0r.
Qed.

End Composition.

Section Powers.

Variables (R : realFieldType) (I J : finType).

(* Random maps Z_1, ..., Z_n of points to features, drawn by the same w in W, each unbiased for its
   power: E <Z_j(x), Z_j(y)> = <x, y>^j. *)
Definition unbiased_powers (W : finType) (n : nat) (Z : nat -> W -> (I -> R) -> J -> R) : Prop :=
  (0 < #|W|)%N /\
  forall j, (0 < j <= n)%N -> forall x y, \E_w dot (Z j w x) (Z j w y) = dot x y ^+ j.

(* A random map T of pairs: E <T(u, v), T(u', v')> = <u, u'><v, v'>. *)
Definition unbiased_node (W : finType) (T : W -> (J -> R) -> (J -> R) -> J -> R) : Prop :=
  (0 < #|W|)%N /\
  forall u v u' v', \E_w dot (T w u v) (T w u' v') = dot u u' * dot v v'.

(* Any unbiased sketch is a leaf: it has power 1. *)
Lemma unbiased_leaf (W : finType) (S : W -> (I -> R) -> J -> R) :
  (0 < #|W|)%N -> unbiased S -> unbiased_powers 1 (fun=> S).
Proof. by move=> W_gt0 S_unbiased; split=> // -[|[|]] // _ x y; rewrite expr1. Qed.

Section Node.

Variables (V W N : finType) (n k : nat).
Variables (Y : nat -> V -> (I -> R) -> J -> R) (Z : nat -> W -> (I -> R) -> J -> R).
Variable T : N -> (J -> R) -> (J -> R) -> J -> R.

(* The powers of a node with independent children: up to n those of the left child passed through,
   beyond it T of the left child's full power and of the right child's power j - n. *)
Definition join_powers (j : nat) (w : V * W * N) (x : I -> R) : J -> R :=
  if (j <= n)%N then Y j w.1.1 x else T w.2 (Y n w.1.1 x) (Z (j - n) w.1.2 x).

(* A node of unbiased powers 1, ..., n and 1, ..., k gives unbiased powers 1, ..., n + k. *)
Theorem join_unbiased : (0 < n)%N ->
  unbiased_powers n Y -> unbiased_powers k Z -> unbiased_node T ->
  unbiased_powers (n + k) join_powers.
Proof.
move=> n_gt0 [V_gt0 Y_unbiased] [W_gt0 Z_unbiased] [N_gt0 T_unbiased].
split=> [|j /andP[j_gt0 j_le] x y]; first by rewrite !card_prod_gt0.
rewrite /join_powers; case: leqP => [jn|nj].
  rewrite (expectation_fst (fun w : V * W => dot (Y j w.1 x) (Y j w.1 y)) N_gt0).
  by rewrite (expectation_fst (fun v => dot (Y j v x) (Y j v y)) W_gt0) Y_unbiased ?j_gt0.
rewrite expectation_pair /=; under eq_expectation do rewrite T_unbiased.
rewrite (expectation_independent (fun v => dot (Y n v x) (Y n v y))
  (fun w => dot (Z (j - n) w x) (Z (j - n) w y))).
rewrite Y_unbiased ?n_gt0 ?leqnn // Z_unbiased; last by rewrite subn_gt0 nj leq_subLR.
by rewrite -exprD subnKC // ltnW.
Qed.

End Node.

Section Tree.

(* Leaves: random maps with unbiased powers 1, ..., k, such as a sketch (k = 1) or two sketches
   joined in a way of their own (k = 2). Nodes: unbiased maps of pairs. *)
Variables (leaf_space node_space : finType) (k : nat).
Variable leaf : nat -> leaf_space -> (I -> R) -> J -> R.
Variable node : node_space -> (J -> R) -> (J -> R) -> J -> R.
Hypotheses (k_gt0 : (0 < k)%N) (leaf_unbiased : unbiased_powers k leaf).
Hypothesis node_unbiased : unbiased_node node.

(* The shapes of binary trees. *)
Inductive tree := Leaf | Node of tree & tree.

(* The powers that a tree has. *)
Fixpoint degree (t : tree) : nat :=
  if t is Node l r then (degree l + degree r)%N else k.

(* The random choices of all leaves and nodes of a tree, all independent. *)
Fixpoint choices (t : tree) : finType :=
  if t is Node l r then [finType of choices l * choices r * node_space] else leaf_space.

(* Power j of a point by a tree: a right child that is not needed is left out, and its node passes
   the left child through. *)
Fixpoint tree_power (t : tree) : nat -> choices t -> (I -> R) -> J -> R :=
  match t return nat -> choices t -> (I -> R) -> J -> R with
  | Leaf => leaf
  | Node l r => join_powers (degree l) (@tree_power l) (@tree_power r) node
  end.

Lemma degree_gt0 t : (0 < degree t)%N.
Proof. by elim: t => //= l l_gt0 r _; rewrite addn_gt0 l_gt0. Qed.

(* Every power of every tree: E <Z_j(x), Z_j(y)> = <x, y>^j for 0 < j <= degree. *)
Theorem tree_unbiased t : unbiased_powers (degree t) (@tree_power t).
Proof.
elim: t => [|l IHl r IHr]; first exact: leaf_unbiased.
exact: (join_unbiased (degree_gt0 l) IHl IHr node_unbiased).
Qed.

End Tree.

End Powers.
