(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* With as many features the Complex-to-Real sketch never has more variance than the real product
   sketch where c >= 0; where c < 0 it may have. *)

From mathcomp Require Import all_ssreflect all_algebra.
From Sketching Require Import Expectation Vectors Signs ProductRademacher ComplexToReal.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Comparison.

Variable R : realFieldType.

(* (a + b)^p + (a + c)^p - 2 a^p <= (a + b + c)^p - a^p for a, b, c >= 0. *)
Lemma second_difference_ge0 (a b c : R) p : 0 <= a -> 0 <= b -> 0 <= c ->
  (a + b) ^+ p + (a + c) ^+ p - a ^+ p *+ 2 <= (a + b + c) ^+ p - a ^+ p.
Proof.
move=> a0 b0 c0; rewrite mulr2n opprD addrA ler_add2r ler_subl_addr.
elim: p => [|p IHp]; first by rewrite !expr0.
have ab0 : a ^+ p <= (a + b) ^+ p by rewrite ler_expn2r ?nnegrE ?ler_addl ?addr_ge0.
have ac0 : a ^+ p <= (a + c) ^+ p by rewrite ler_expn2r ?nnegrE ?ler_addl ?addr_ge0.
have -> : (a + b) ^+ p.+1 = (a + b + c) * (a + b) ^+ p - c * (a + b) ^+ p.
  by rewrite exprS -mulrBl addrK.
have -> : (a + c) ^+ p.+1 = (a + b + c) * (a + c) ^+ p - b * (a + c) ^+ p.
  by rewrite exprS -mulrBl addrAC addrK.
have -> : a ^+ p.+1 = (a + b + c) * a ^+ p - (c * a ^+ p + b * a ^+ p).
  by rewrite exprS -mulrDl -mulrBl -addrA [c + b]addrC addrK.
rewrite addrACA -opprD -mulrDr exprS addrA -mulrDr.
apply: ler_sub; first by apply: ler_wpmul2l; rewrite ?addr_ge0.
by apply: ler_add; apply: ler_wpmul2l.
Qed.

Variables (p C : nat) (scale scale' : R).
Hypotheses (C_gt0 : (0 < C)%N).
Hypotheses (scale_sqr : scale ^+ 2 = (C.*2)%:R^-1) (scale_sqr' : scale' ^+ 2 = C%:R^-1).

Let features_gt0 : (0 < C.*2)%N.
Proof. by rewrite double_gt0. Qed.

(* 2 C features of the real sketch, and as many of C complex columns. *)
Local Notation coins I := {ffun I -> bool}.
Local Notation real_estimate I x y := (fun w : {ffun 'I_(C.*2) -> {ffun 'I_p -> coins I}} =>
  dot (product_sketch scale (fun k t => coin_signs R (w k t)) (fun=> x))
      (product_sketch scale (fun k t => coin_signs R (w k t)) (fun=> y))).
Local Notation complex_estimate I x y :=
  (fun w : {ffun 'I_C -> {ffun 'I_p -> coins I * coins I}} =>
  dot (complex_to_real scale' (fun k t => coin_weights R (w k t)) (fun=> x))
      (complex_to_real scale' (fun k t => coin_weights R (w k t)) (fun=> y))).

(* For c >= 0 the variance of the Complex-to-Real sketch is at most that of the real sketch. *)
Theorem complex_to_real_le (I : finType) (x y : I -> R) : 0 <= moment_c x y ->
  variance (complex_estimate I x y) <= variance (real_estimate I x y).
Proof.
move=> c_ge0; rewrite (uniform_complex_to_real_variance p C_gt0 scale_sqr').
rewrite (uniform_product_sketch_variance p features_gt0 scale_sqr) /=.
rewrite ler_wpmul2r ?invr_ge0 ?ler0n //.
by apply: second_difference_ge0; rewrite ?sqr_ge0 ?moment_b_ge0.
Qed.

(* c = sum over i <> j of x_i y_i x_j y_j >= 0 if x and y have no negative entry. *)
Lemma moment_c_nonnegative (I : finType) (x y : I -> R) :
  (forall i, 0 <= x i) -> (forall i, 0 <= y i) -> 0 <= moment_c x y.
Proof.
move=> x0 y0; rewrite moment_cE; apply: sumr_ge0 => i _; apply: sumr_ge0 => j _.
by rewrite !mulr_ge0.
Qed.

(* x = (1, 1) and y = (1, -1): a = 0, b = 2, c = -2. *)
Definition ones (i : bool) : R := 1.
Definition alternating (i : bool) : R := (-1) ^+ i.

Lemma counterexample_moments : [/\ dot ones alternating = 0,
  moment_b ones alternating = 2%:R & moment_c ones alternating = - 2%:R].
Proof.
have d0 : dot ones alternating = 0 by rewrite /dot big_bool /= !mul1r addNr.
have s2 : diagonal ones alternating = 2%:R.
  by rewrite /diagonal big_bool /= !mul1r sqrrN !expr1n.
split; rewrite // /moment_b /moment_c s2 ?d0 ?expr0n ?sub0r //.
rewrite /norms /dot !big_bool /ones /alternating /= !mul1r mulrNN mulr1 -!mulr2n.
by rewrite -natrM -natrB.
Qed.

(* For c < 0 and degree 2 it may be more: 0 < 8 / D for these x and y. *)
Theorem complex_to_real_counterexample : p = 2%N ->
  variance (real_estimate bool_finType ones alternating)
  < variance (complex_estimate bool_finType ones alternating).
Proof.
move=> p2; rewrite (uniform_complex_to_real_variance p C_gt0 scale_sqr').
rewrite (uniform_product_sketch_variance p features_gt0 scale_sqr) /= p2.
have [-> -> ->] := counterexample_moments.
rewrite !expr0n /= !add0r subrr !expr0n /= subr0 mul0r mul0rn subr0 sqrrN.
by rewrite mulr_gt0 ?invr_gt0 ?ltr0n // addr_gt0 ?exprn_gt0 ?ltr0n.
Qed.

End Comparison.
