# The table of makespan ÷ ideal, and whether the promises hold: awk -f summary.awk -v limit=PERCENT -v tie=PERCENT [-v nodes=N] CSV
# The table has medians over the repeats. Policies are compared repeat by repeat, on the same jobs, and then the median
# is taken: which jobs a seed draws matters more to the makespan than the policy does. The scenarios slow-equal and
# slow-lognormal are of auto alone: they are for the second promise, and not in the table.
function median(list, values, n, i, j, x) {
  n = split(list, values, " ")
  for (i = 2; i <= n; ++i) {
    x = values[i] + 0
    for (j = i - 1; j > 0 && values[j] + 0 > x; --j) values[j + 1] = values[j]
    values[j + 1] = x
  }
  return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

function percent(ratio) { return sprintf("%.1f %%", (ratio - 1) * 100) }

function verdict(holds) { return holds ? "met" : "NOT met" }

# The order of the rows: the mean of the logarithms; peers last.
function badness(policy, i, sum, n) {
  for (i = 1; i <= scenarios; ++i)
    if ((scenario[i], policy) in ratios) {
      sum += log(median(ratios[scenario[i], policy]))
      ++n
    }
  return sum / n + (policy in peer ? 1000 : 0)
}

function sort_policies(i, j, name) {
  for (i = 2; i <= policies; ++i) {
    name = policy[i]
    for (j = i - 1; j > 0 && badness(policy[j]) > badness(name); --j) policy[j + 1] = policy[j]
    policy[j + 1] = name
  }
}

function print_table(i, j, line, rule) {
  line = sprintf("| %-27s |", "policy")
  rule = "|---|"
  for (i = 1; i <= scenarios; ++i) {
    line = line " " scenario[i] " |"
    rule = rule "--:|"
  }
  print line "\n" rule
  for (j = 1; j <= policies; ++j) {
    line = sprintf("| %-27s |", policy[j] == "auto" ? "**auto**" : policy[j] in peer ? policy[j] " (peer)" : policy[j])
    for (i = 1; i <= scenarios; ++i)
      line = line sprintf(" %" length(scenario[i]) "s |",
                          (scenario[i], policy[j]) in ratios ? sprintf("%.2f", median(ratios[scenario[i], policy[j]])) : "")
    print line
  }
}

# How far auto is behind this policy: the median over the repeats of the quotient of their makespans.
function behind(where, other, list, k) {
  for (k = 1; k <= seeds; ++k)
    if ((where, other, seed[k]) in makespan && (where, "auto", seed[k]) in makespan)
      list = list " " makespan[where, "auto", seed[k]] / makespan[where, other, seed[k]]
  return median(list)
}

function judge_auto(i, j, quotient, most, worst, worst_scenario, worst_policy, best) {
  worst = 0
  for (i = 1; i <= scenarios; ++i) {
    most = 0
    for (j = 1; j <= policies; ++j) {
      if (policy[j] == "auto" || policy[j] in peer || !((scenario[i], policy[j]) in ratios)) continue
      quotient = behind(scenario[i], policy[j])
      if (quotient > most) most = quotient
      if (quotient > worst) {
        worst = quotient
        worst_scenario = scenario[i]
        worst_policy = policy[j]
      }
    }
    best += most <= 1 + tie / 100
  }
  printf "auto is at most %s behind the best other policy (%s); best or tied (within %d %%) in %d of %d scenarios: limit %d %%, %s\n",
    percent(worst < 1 ? 1 : worst), worst < 1.0005 ? "never" : "worst: scenario " worst_scenario ", policy " worst_policy,
    tie, best, scenarios, limit, verdict(worst <= 1 + limit / 100)
}

function judge_slow_node(jobs, words, bound) {
  if (!((jobs, "auto") in ratios)) return
  bound = median(ratios[jobs, "auto"])
  printf "one node 4 x slower, 20 ms jobs%s: auto is %s above max(work/speed, longest): limit 8 %%, %s\n",
    words, percent(bound), verdict(bound <= 1.08)
}

BEGIN { FS = "," }

FNR > 1 && (nodes == "" || $9 == nodes) {
  if (!(($1, $2) in ratios)) {
    if (!($1 in scenario_seen) && $1 !~ /^slow-(equal|lognormal)$/) scenario[++scenarios] = $1
    if (!($2 in policy_seen)) policy[++policies] = $2
  }
  scenario_seen[$1] = policy_seen[$2] = 1
  if ($NF == "peer") peer[$2] = 1
  number = $(NF - 1)
  if (!(number in seed_seen)) seed[++seeds] = number
  seed_seen[number] = 1
  ratios[$1, $2] = ratios[$1, $2] " " $5
  makespan[$1, $2, number] = $3
}

END {
  sort_policies()
  print_table()
  judge_auto()
  judge_slow_node("slow-equal", "")
  judge_slow_node("slow-lognormal", " on the mean (lognormal)")
}
