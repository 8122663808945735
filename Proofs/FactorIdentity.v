(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* A polynomial identity in eleven numbers, which one more factor of a TensorSketch needs; by the
   ring tactic of Coq, through abstract operations. *)

From Coq Require Import Ring.
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Abstract.

Variables (T : Type) (zero one : T) (add mul sub : T -> T -> T) (opp : T -> T).
Hypothesis laws : ring_theory zero one add mul sub opp eq.
Add Ring abstract_ring : laws.

Local Notation "x + y" := (add x y).
Local Notation "x * y" := (mul x y).
Local Notation "x - y" := (sub x y).

Lemma abstract_identity a b c P X Y Z f g h k :
  a * (P * f + (X - P) * g + (Y - P) * h + (Z - X - Y + P) * k)
  + b * (P * g + (X - P) * g + (Y - P) * k + (Z - X - Y + P) * k)
  + c * (P * h + (X - P) * k + (Y - P) * h + (Z - X - Y + P) * k)
  = a * P * f + ((a + b) * X - a * P) * g + ((a + c) * Y - a * P) * h
    + ((a + b + c) * Z - (a + b) * X - (a + c) * Y + a * P) * k.
Proof. ring. Qed.

End Abstract.

Import GRing.Theory.
Local Open Scope ring_scope.

Lemma ring_laws (R : comRingType) :
  ring_theory (0 : R) 1 +%R *%R (fun a b => a - b) -%R eq.
Proof.
by split; do ?[exact: add0r | exact: addrC | exact: addrA | exact: mul1r | exact: mulrC
  | exact: mulrA | exact: mulrDl | exact: subrr | by []].
Qed.

(* The coefficients of f, g, h, k for one factor (a, b, c) more than P, X, Y, Z are made of. *)
Lemma factor_identity (R : realFieldType) (a b c P X Y Z f g h k : R) :
  a * (P * f + (X - P) * g + (Y - P) * h + (Z - X - Y + P) * k)
  + b * (P * g + (X - P) * g + (Y - P) * k + (Z - X - Y + P) * k)
  + c * (P * h + (X - P) * k + (Y - P) * h + (Z - X - Y + P) * k)
  = a * P * f + ((a + b) * X - a * P) * g + ((a + c) * Y - a * P) * h
    + ((a + b + c) * Z - (a + b) * X - (a + c) * Y + a * P) * k.
Proof. exact: (abstract_identity (ring_laws R)). Qed.
