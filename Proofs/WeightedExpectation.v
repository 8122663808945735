(* SPDX-License-Identifier: Apache-2.0 WITH Swift-exception *)
(* Expectations under a finite distribution p, and of s independent draws from it:
   E[Σ g(I_t)] = s E[g] and Var[Σ g(I_t)] = s Var[g]. *)

From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Mean.
Variables (R : realFieldType) (I : finType) (p : I -> R).
Implicit Types f g : I -> R.

Definition distribution := (forall i, 0 <= p i) /\ \sum_i p i = 1.

(* E[f] = Σ p(i) f(i). *)
Definition mean f := \sum_i p i * f i.

(* Var[f] = E[(f − E[f])²]. *)
Definition variance f := mean (fun i => (f i - mean f) ^+ 2).

Lemma eq_mean f g : f =1 g -> mean f = mean g.
Proof. by move=> fg; apply: eq_bigr => i _; rewrite fg. Qed.

Lemma eq_variance f g : f =1 g -> variance f = variance g.
Proof. by move=> fg; rewrite /variance (eq_mean fg); apply: eq_mean => i; rewrite fg. Qed.

Lemma meanD f g : mean (fun i => f i + g i) = mean f + mean g.
Proof. by rewrite -big_split; apply: eq_bigr => i _; rewrite mulrDr. Qed.

Lemma meanZ a f : mean (fun i => a * f i) = a * mean f.
Proof. by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite mulrCA. Qed.

Lemma mean_sum (J : finType) (F : J -> I -> R) :
  mean (fun i => \sum_j F j i) = \sum_j mean (F j).
Proof.
rewrite exchange_big; apply: eq_bigr => i _.
by rewrite mulr_sumr.
Qed.

Hypothesis total : distribution.

Lemma mean_const a : mean (fun=> a) = a.
Proof. by rewrite /mean -mulr_suml total.2 mul1r. Qed.

Lemma mean_centred f : mean (fun i => f i - mean f) = 0.
Proof.
have -> : mean (fun i => f i - mean f) = mean f + mean (fun=> - mean f) by rewrite -meanD.
by rewrite mean_const subrr.
Qed.

(* Var[f] = E[f²] − E[f]². *)
Lemma varianceE f : variance f = mean (fun i => f i ^+ 2) - mean f ^+ 2.
Proof.
set m := mean f.
have square i : (f i - m) ^+ 2 = f i ^+ 2 + (- (2%:R * m) * f i + m ^+ 2).
  by rewrite sqrrB mulNr -mulr_natl -addrA mulrAC mulrA.
rewrite /variance -/m (eq_mean square) meanD meanD meanZ mean_const -/m.
by rewrite mulNr -mulrA -expr2 mulr_natl mulr2n opprD addrNK.
Qed.

Lemma varianceZ a f : variance (fun i => a * f i) = a ^+ 2 * variance f.
Proof.
rewrite /variance -meanZ; apply: eq_mean => i.
by rewrite meanZ -mulrBr exprMn.
Qed.

End Mean.

(* s independent draws from p: the product distribution. *)
Section Draws.
Variables (R : realFieldType) (I : finType) (p : I -> R) (s : nat).
Hypothesis total : distribution p.

Definition draws (w : {ffun 'I_s -> I}) : R := \prod_t p (w t).

(* E[Π g_t(I_t)] = Π E[g_t]. *)
Lemma mean_draws_prod (g : 'I_s -> I -> R) :
  mean draws (fun w => \prod_t g t (w t)) = \prod_t mean p (g t).
Proof.
rewrite /mean bigA_distr_bigA; apply: eq_bigr => w _.
by rewrite -big_split.
Qed.

Lemma draws_distribution : distribution draws.
Proof.
split=> [w|]; first by apply: prodr_ge0 => t _; apply: total.1.
have <- : \prod_(t < s) mean p (fun=> 1) = 1 by apply: big1 => t _; apply: mean_const.
by rewrite -mean_draws_prod; apply: eq_bigr => w _; rewrite big1 ?mulr1.
Qed.

Lemma mean_draw t g : mean draws (fun w => g (w t)) = mean p g.
Proof.
have := mean_draws_prod (fun u i => if u == t then g i else 1).
rewrite (bigD1 t) //= eqxx big1 => [|u /negbTE ->]; last exact: mean_const.
rewrite mulr1 => <-; apply: eq_mean => w.
by rewrite (bigD1 t) //= eqxx big1 ?mulr1 // => u /negbTE ->.
Qed.

Lemma mean_draw2 t u g h : t != u ->
  mean draws (fun w => g (w t) * h (w u)) = mean p g * mean p h.
Proof.
move=> tu; have ut : u != t by rewrite eq_sym.
have := mean_draws_prod (fun v i => if v == t then g i else if v == u then h i else 1).
rewrite (bigD1 t) //= eqxx (bigD1 u) //= (negbTE ut) eqxx.
rewrite big1 => [|v /andP[/negbTE -> /negbTE ->]]; last exact: mean_const.
rewrite mulr1 => <-; apply: eq_mean => w.
rewrite (bigD1 t) //= eqxx (bigD1 u) //= (negbTE ut) eqxx.
by rewrite big1 ?mulr1 // => v /andP[/negbTE -> /negbTE ->].
Qed.

(* E[Σ g(I_t)] = s E[g]. *)
Lemma mean_draws_sum g : mean draws (fun w => \sum_t g (w t)) = s%:R * mean p g.
Proof.
rewrite mean_sum (eq_bigr (fun=> mean p g)) => [|t _]; last exact: mean_draw.
by rewrite sumr_const card_ord mulr_natl.
Qed.

(* For terms of mean zero, E[(Σ g(I_t))²] = s E[g²]. *)
Lemma mean_draws_sum_sqr g : mean p g = 0 ->
  mean draws (fun w => (\sum_t g (w t)) ^+ 2) = s%:R * mean p (fun i => g i ^+ 2).
Proof.
move=> centred.
have square (w : {ffun 'I_s -> I}) :
    (\sum_t g (w t)) ^+ 2 = \sum_t \sum_u g (w t) * g (w u).
  by rewrite expr2 mulr_suml; apply: eq_bigr => t _; rewrite mulr_sumr.
rewrite (eq_mean _ square) mean_sum (eq_bigr (fun=> mean p (fun i => g i ^+ 2))) => [|t _].
  by rewrite sumr_const card_ord mulr_natl.
rewrite mean_sum (bigD1 t) //= big1 => [|u ut].
  by rewrite addr0 (mean_draw t (fun i => g i * g i)).
by rewrite mean_draw2 1?eq_sym // centred mul0r.
Qed.

(* Var[Σ g(I_t)] = s Var[g]. *)
Lemma variance_draws_sum g : variance draws (fun w => \sum_t g (w t)) = s%:R * variance p g.
Proof.
rewrite /variance -mean_draws_sum_sqr ?mean_centred //; apply: eq_mean => w.
by rewrite mean_draws_sum sumrB sumr_const card_ord mulr_natl.
Qed.

End Draws.

Arguments draws {R I} p {s} w.
