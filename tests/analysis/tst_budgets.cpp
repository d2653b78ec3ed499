// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets over spans: patterns, measures, verdicts, changes, the gate.
#include "analysis/budgetreport.h"
#include "analysis/budgetwhatif.h"
#include "storefixture.h"
#include "tracebuilder.h"

#include <QTest>

#include <algorithm>

using namespace tailscope;
using namespace tailscope::analysis;
using tracebuilder::Builder;
using Kind = BudgetEdit::Kind;
using Verdict = BudgetGate::Verdict;

namespace {

constexpr Nanos kMs = kNanosPerMilli;

BudgetComponent part(const char *name, const char *match, double ms, BudgetKind kind = BudgetKind::Processing)
{
    BudgetComponent component;
    component.name = name;
    component.match = match;
    component.budgetMs = ms;
    component.kind = kind;
    return component;
}

/// 1.2 s: network 50, cache 15, three queries of 150, application 80, 255 unaccounted before the payment of
/// 350.
void addCheckout(Builder &b, int trace, Nanos at = 0)
{
    const auto add = [&](const char *operation, Nanos start, Nanos length, int parent, SpanKind kind) {
        return b.add("shop", operation, at + start * kMs, length * kMs, parent, kind, trace);
    };
    const int root = add("POST /checkout", 0, 1200, -1, SpanKind::Server);
    Nanos now = 0;
    for (const auto &[name, length] : {std::pair{"network", 50}, {"cache", 15}, {"SELECT ledger", 150},
             {"SELECT ledger", 150}, {"SELECT ledger", 150}, {"render", 80}}) {
        add(name, now, length, root, SpanKind::Client);
        now += length;
    }
    const int charge = add("charge", now, 605, root, SpanKind::Internal);
    add("POST /v1/charges", now + 255, 350, charge, SpanKind::Client);
}

Budget checkoutBudget()
{
    Budget budget;
    budget.name = "checkout";
    budget.match = "POST /checkout";
    budget.targetMs = 500;
    budget.components = {part("Network", "network", 50, BudgetKind::Network),
        part("Cache", "cache", 15, BudgetKind::Cache), part("Database", "SELECT *", 60, BudgetKind::Database),
        part("Application", "render", 80), part("Payment", "POST /v1/*", 150, BudgetKind::External)};
    budget.components[2].callMs = 20;
    budget.components[4].timeoutMs = 300;
    return budget;
}

struct World
{
    explicit World(const Builder &builder, Budget b)
        : columns(builder.build())
        , rows(TraceRows::build(*columns, {}))
        , classes(*columns)
        , budget(std::move(b))
        , spans(BudgetSpans::build(*columns, budget, {}).value())
        , traces(allRequests(*rows, spans))
    {
        measured = measureBudget(*columns, *rows, classes, traces, budget, spans,
            componentTimeouts(budget, inputs), {});
    }
    BudgetReport report() const { return budgetReport(budget, measured.get(), columns.get(), inputs); }
    Nanos total(std::vector<BudgetEdit> edits) const
    {
        return budgetWhatIf(*columns, *rows, traces, budget, spans, edits, {})->after.p50;
    }
    std::shared_ptr<SpanColumns> columns;
    std::shared_ptr<const TraceRows> rows;
    SpanClasses classes;
    Budget budget;
    BudgetSpans spans;
    std::vector<std::uint32_t> traces;
    BudgetInputs inputs;
    std::shared_ptr<const MeasuredBudget> measured;
};

World checkout()
{
    Builder b;
    addCheckout(b, 0);
    return World(b, checkoutBudget());
}

const BudgetGate::Line &lineOf(const BudgetGate &gate, const std::string &what)
{
    for (const BudgetGate::Line &line : gate.lines) {
        if (line.what == what)
            return line;
    }
    qFatal("no line %s", what.c_str());
}

} // namespace

class TestBudgets : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void globs();
    void patterns();
    void firstComponentWins();
    void knownParts();
    void partsAddUp();
    void parallelAndAsync();
    void nestedSpansCountOnce();
    void requestInsideATrace();
    void requestsInNoTrace();
    void knownTotals();
    void sevenCallsInARow();
    void plannedChanges();
    void suggestions();
    void timeouts();
    void gateVerdicts();
    void gateOfLoadTests();
    void storedResults();
};

void TestBudgets::globs()
{
    QVERIFY(globMatches("GET *", "GET /cart"));
    QVERIFY(!globMatches("GET *", "POST /cart"));
    QVERIFY(globMatches("*", ""));
    QVERIFY(globMatches("a?c", "abc"));
    QVERIFY(!globMatches("a?c", "ac"));
    QVERIFY(globMatches("*a*b*", "xxaxxbxx"));
    QVERIFY(!globMatches("abc", "abcd"));
    QVERIFY(!globMatches("", "a"));
    // Many stars against many letters end soon.
    QVERIFY(!globMatches("*a*a*a*a*a*a*a*a*a*a*b", std::string(20000, 'a')));
}

void TestBudgets::patterns()
{
    QVERIFY(BudgetPattern::parse("")->isEmpty());
    QVERIFY(!BudgetPattern::parse("duration=abc"));
    const auto series = BudgetPattern::parse("series:http.* | series:db.time").value();
    QCOMPARE(series.series(), (std::vector<std::string>{"http.*", "db.time"}));
    QVERIFY(!series.hasSpans());
    Builder b;
    b.add("shop", "GET /a", 0, 10, -1, SpanKind::Server);
    b.add("pay", "GET /a", 0, 10, 0, SpanKind::Client);
    b.add("pay", "x | y", 0, 10, 0);
    const auto columns = b.build();
    const auto count
        = [&](const char *text) { return BudgetPattern::parse(text)->spans(*columns, {})->count(); };
    QCOMPARE(count("GET *"), std::size_t(2));
    QCOMPARE(count("service=pay"), std::size_t(2));
    QCOMPARE(count("service=pay kind=client"), std::size_t(1));
    QCOMPARE(count("GET * | service=pay"), std::size_t(3));
    QCOMPARE(count("operation=\"x | y\""), std::size_t(1));
    QCOMPARE(count("nothing"), std::size_t(0));
}

void TestBudgets::firstComponentWins()
{
    Builder b;
    b.add("shop", "root", 0, 100, -1, SpanKind::Server);
    b.add("shop", "GET cache", 0, 10, 0, SpanKind::Client);
    b.add("shop", "GET other", 20, 10, 0, SpanKind::Client);
    Budget budget;
    budget.targetMs = 1;
    budget.components = {part("Cache", "GET cache", 1), part("Calls", "kind=client", 1)};
    const World world(b, budget);
    QCOMPARE(world.spans.counts(), (std::vector<std::int64_t>{1, 1}));
}

void TestBudgets::knownParts()
{
    const BudgetReport report = checkout().report();
    QCOMPARE(report.requests, 1);
    QCOMPARE(report.workingMs, 400.0);
    const auto p50 = [&](std::size_t row) { return report.rows[row].time.p50; };
    QCOMPARE(p50(0), 1200 * kMs);
    QCOMPARE(p50(1), 50 * kMs);
    QCOMPARE(p50(2), 15 * kMs);
    QCOMPARE(p50(3), 450 * kMs);
    QCOMPARE(p50(4), 80 * kMs);
    QCOMPARE(p50(5), 350 * kMs);
    QCOMPARE(p50(6), 255 * kMs);
    QCOMPARE(report.rows[6].part, BudgetRow::Part::Unaccounted);
    QCOMPARE(report.rows[6].share.value(), 255.0 / 1200);
    QCOMPARE(report.rows[3].state, BudgetState::Over);
    QCOMPARE(report.rows[1].state, BudgetState::Warning); // 50 of 50
    QCOMPARE(report.sums[BudgetReport::P50]->plain, 945.0);
    QCOMPARE(report.rows[5].overTimeout, 1);
    QCOMPARE(report.rows[5].path.p50, 350 * kMs);
}

void TestBudgets::partsAddUp()
{
    // Parts and the rest are the whole, whatever the trace looks like: compared with a slow way.
    spanfixture::Random random(72);
    for (int round = 0; round < 60; ++round) {
        const Builder b = tracebuilder::randomTrace(random, 2 + int(random.below(40)));
        Budget budget;
        budget.targetMs = 1;
        budget.components = {part("Work", "work", 1), part("Steps", "step | render", 1)};
        const World world(b, budget);
        QCOMPARE(world.measured->requests, 1);
        BudgetRequests request(*world.columns, *world.rows, world.spans);
        QVERIFY(request.load(0));
        const TraceSpans &t = request.trace;
        const Nanos begin = t.start[t.root], end = t.endOf(t.root);
        std::vector<std::pair<Nanos, Nanos>> covered;
        for (std::uint32_t i = 0; i < t.size(); ++i) {
            if (i == t.root || t.duration[i] == kUnknownNanos || world.spans.componentOf(t.row[i]) < 0)
                continue;
            bool waited = true, below = false;
            for (std::uint32_t at = i; at != kNoRow; at = t.parent[at]) {
                below = below || at == t.root;
                waited = waited && (at == t.root || !t.isAsync[at]);
                if (at == t.root)
                    break;
            }
            const Nanos from = std::max(begin, t.start[i]), to = std::min(end, t.endOf(i));
            if (below && waited && to > from)
                covered.emplace_back(from, to);
        }
        std::sort(covered.begin(), covered.end());
        Nanos sum = 0, until = begin;
        for (const auto &[from, to] : covered) {
            sum += std::max<Nanos>(0, to - std::max(from, until));
            until = std::max(until, to);
        }
        QCOMPARE(world.measured->unaccounted.time.p50, world.measured->total.p50 - sum);
    }
}

void TestBudgets::parallelAndAsync()
{
    Builder b;
    const int root = b.add("shop", "root", 0, 100 * kMs, -1, SpanKind::Server);
    b.add("shop", "stock", 0, 50 * kMs, root, SpanKind::Client);
    b.add("shop", "prices", 0, 40 * kMs, root, SpanKind::Client);
    b.add("shop", "deliver", 50 * kMs, 20 * kMs, root);
    b.add("shop", "save", 60 * kMs, 200 * kMs, root, SpanKind::Async);
    Budget budget;
    budget.targetMs = 100;
    budget.components = {part("Stock", "stock", 50), part("Prices", "prices", 40),
        part("Deliver", "deliver", 30), part("Save", "save", 10)};
    budget.components[0].parallelGroup = budget.components[1].parallelGroup = 1;
    const BudgetReport report = World(b, budget).report();
    QCOMPARE(report.sums[BudgetReport::P50]->plain, 110.0);
    QCOMPARE(report.sums[BudgetReport::P50]->path, 70.0); // max(50, 40) + 20, the save is not waited for
    QCOMPARE(report.rows[2].slackMs.value(), 10.0);
    QCOMPARE(report.rows[2].offPath.value(), 1.0);
    QVERIFY(report.rows[4].isAsync);
    QCOMPARE(report.rows[4].time.p50, 200 * kMs);
    QCOMPARE(report.rows[5].time.p50, 30 * kMs); // 70..100
    const BudgetGate gate = budgetGate(report);
    QCOMPARE(lineOf(gate, "Save").verdict, Verdict::NotAsked);
    QCOMPARE(gate.verdict, Verdict::Passed);
}

void TestBudgets::nestedSpansCountOnce()
{
    Builder b;
    const int root = b.add("shop", "root", 0, 100 * kMs, -1, SpanKind::Server);
    const int outer = b.add("shop", "SELECT a", 10 * kMs, 50 * kMs, root, SpanKind::Client);
    b.add("db", "SELECT a", 20 * kMs, 30 * kMs, outer, SpanKind::Server);
    // Longer than the request: cut.
    b.add("shop", "SELECT b", 90 * kMs, 10 * kMs, root, SpanKind::Client);
    Budget budget;
    budget.targetMs = 100;
    budget.components = {part("Database", "SELECT *", 100)};
    const World world(b, budget);
    QCOMPARE(world.measured->parts[0].time.p50, 60 * kMs);
    QCOMPARE(world.measured->parts[0].spans, 3);
    QVERIFY(world.measured->parts[0].edges.contains({"shop", "db"}));
}

void TestBudgets::requestInsideATrace()
{
    Builder b;
    const int root = b.add("gateway", "GET /", 0, 100 * kMs, -1, SpanKind::Server);
    const int inner = b.add("shop", "GET /cart", 20 * kMs, 50 * kMs, root, SpanKind::Server);
    b.add("shop", "SELECT a", 20 * kMs, 10 * kMs, inner, SpanKind::Client);
    b.add("gateway", "SELECT b", 80 * kMs, 10 * kMs, root, SpanKind::Client);
    Budget budget;
    budget.targetMs = 100;
    budget.match = "service=shop kind=server";
    budget.components = {part("Database", "SELECT *", 100)};
    const World world(b, budget);
    QCOMPARE(world.measured->total.p50, 50 * kMs);
    QCOMPARE(world.measured->parts[0].time.p50, 10 * kMs); // b is not of this request
    budget.match = "POST *";
    QCOMPARE(World(b, budget).measured->requests, 0);
}

void TestBudgets::requestsInNoTrace()
{
    Builder b;
    for (int i = 0; i < 20; ++i) {
        const int request = b.add("k6", "GET /", i * kMs, (1 + i) * kMs, -1, SpanKind::Client, -1);
        b.add("k6", "dns", i * kMs, kMs, request, SpanKind::Internal, -1);
    }
    b.add("jmeter", "transaction", 0, 1000 * kMs, -1, SpanKind::Internal, -1); // a sum of others: no call
    b.add("k6", "lost", 0, kUnknownNanos, -1, SpanKind::Client, -1);
    Budget budget;
    budget.targetMs = 19;
    budget.components = {part("Names", "dns", 1)};
    const World world(b, budget);
    QCOMPARE(world.measured->requests, 20);
    QCOMPARE(world.measured->total.p95, 19 * kMs);
    QCOMPARE(world.measured->parts[0].time.n, 20);
    QCOMPARE(world.total({{Kind::Remove, 0, 0, 0}}), 9 * kMs); // the median was 10 ms
    QCOMPARE(budgetGate(world.report()).verdict, Verdict::Passed);
    budget.targetMs = 18.9;
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Broken);
    budget.match = "transaction";
    QCOMPARE(World(b, budget).measured->total.p50, 1000 * kMs);
}

void TestBudgets::knownTotals()
{
    const World world = checkout();
    const BudgetEdit parallel{Kind::Parallel, 2, 0, 0}, index{Kind::Cap, 2, 20, 0};
    const BudgetEdit found{Kind::RemoveUnaccounted, -1, 0, 0}, later{Kind::Async, 4, 0, 0};
    QCOMPARE(world.total({}), 1200 * kMs);
    QCOMPARE(world.total({parallel}), 900 * kMs);
    QCOMPARE(world.total({parallel, index}), 770 * kMs);
    QCOMPARE(world.total({parallel, index, found}), 515 * kMs);
    QCOMPARE(world.total({parallel, index, found, later}), 165 * kMs);
    QCOMPARE(world.total({{Kind::Cache, 2, 1, 2}}), 902 * kMs);
    QCOMPARE(world.total({{Kind::Remove, 2, 0, 0}}), 750 * kMs);
    QCOMPARE(world.total({{Kind::Cap, 4, 200, 0}}), 1050 * kMs); // by its time-out
    QCOMPARE(world.total({{Kind::Add, -1, 100, 0}}), 1300 * kMs);
    // 495 ms and the database: less is not to be had while the payment stays.
    QVERIFY(world.total({parallel, index, found}) >= 495 * kMs);
}

void TestBudgets::sevenCallsInARow()
{
    // 380 ms: seven calls, each on a connection of its own (90 ms in all), three need each other, four do
    // not.
    Builder b;
    const int root = b.add("shop", "GET /account", 0, 380 * kMs, -1, SpanKind::Server);
    Nanos now = 0;
    for (int i = 0; i < 7; ++i) {
        const bool isDependent = i < 3;
        const Nanos connect = i == 0 ? 30 : 10, work = isDependent ? 70 : 20;
        const int call = b.add("shop", isDependent ? "chain" : "lookup", now * kMs, (connect + work) * kMs,
            root, SpanKind::Client);
        b.add("shop", "connect", now * kMs, connect * kMs, call, SpanKind::Internal);
        now += connect + work;
    }
    QCOMPARE(now, Nanos(380));
    Budget budget;
    budget.targetMs = 200;
    budget.components
        = {part("Connections", "connect", 10), part("Lookups", "lookup", 50), part("Chain", "chain", 150)};
    const World world(b, budget);
    const BudgetEdit keepAlive{Kind::Remove, 0, 0, 0}, overlap{Kind::Parallel, 1, 0, 0};
    QCOMPARE(world.total({keepAlive}), 290 * kMs);
    QCOMPARE(world.total({keepAlive, overlap}), 230 * kMs); // not 155: that needs another 75 ms
}

void TestBudgets::plannedChanges()
{
    const Budget budget = checkoutBudget();
    QCOMPARE(plannedSums(budget, {}).path, 355.0);
    const BudgetEdit fraud[]{{Kind::Add, -1, 100, 0}};
    QCOMPARE(plannedSums(budget, fraud).path, 455.0);
    const BudgetEdit less[]{{Kind::Async, 4, 0, 0}, {Kind::Cap, 2, 20, 0}, {Kind::Remove, 0, 0, 0}};
    QCOMPARE(plannedSums(budget, less).path, 115.0);
    const BudgetEdit wrong[]{{Kind::Cap, 99, 20, 0}};
    QCOMPARE(plannedSums(budget, wrong).path, 355.0);
}

void TestBudgets::suggestions()
{
    const std::vector<BudgetEdit> edits = suggestedEdits(checkout().report());
    const std::vector<BudgetEdit> expected{{Kind::Parallel, 2, 0, 0}, {Kind::Cap, 2, 20, 0},
        {Kind::RemoveUnaccounted, -1, 0, 0}, {Kind::Async, 4, 0, 0}};
    QVERIFY(edits == expected);
    Budget wide = checkoutBudget();
    wide.targetMs = 2000;
    Builder b;
    addCheckout(b, 0);
    QVERIFY(suggestedEdits(World(b, wide).report()).empty());
}

void TestBudgets::timeouts()
{
    World world = checkout();
    QCOMPARE(world.report().rows[3].timeoutState, TimeoutState::Missing);
    QCOMPARE(world.report().rows[5].timeoutState, TimeoutState::BelowP99); // 300 of 350 ms
    QCOMPARE(world.report().rows[4].timeoutState, TimeoutState::Missing); // a client span of the fixture
    world.inputs.callTimeouts[{"shop", "Database"}] = 75;
    const BudgetReport report = world.report();
    QVERIFY(report.rows[3].timeoutFromConfig);
    QCOMPARE(report.rows[3].timeoutMs.value(), 75.0);
    // No limit at all is longer than any.
    world.inputs.callTimeouts[{"other", "database"}] = 0;
    QCOMPARE(world.report().rows[3].timeoutState, TimeoutState::Zero);
}

void TestBudgets::gateVerdicts()
{
    const BudgetGate broken = budgetGate(checkout().report());
    QCOMPARE(broken.verdict, Verdict::Broken);
    QCOMPARE(lineOf(broken, "total").verdict, Verdict::Broken);
    QCOMPARE(lineOf(broken, "Cache").verdict, Verdict::Passed); // 15 of 15: equal passes
    QCOMPARE(lineOf(broken, "unaccounted").verdict, Verdict::NotAsked);

    Builder b;
    addCheckout(b, 0);
    Budget budget = checkoutBudget();
    budget.targetMs = 1200;
    budget.components = {part("Payment", "POST /v1/*", 350)};
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Passed);
    budget.targetMs = 1199.999;
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Broken);
    budget.targetMs = 1200;
    budget.components.push_back(part("Nobody", "no such span", 10));
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Undecided);
    budget.components.back().optional = true;
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Passed);
    budget.minSamples = 2;
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Undecided);
    budget.minSamples = 1;
    budget.errorLimit = 0;
    QCOMPARE(budgetGate(World(b, budget).report()).verdict, Verdict::Passed);
    // Nothing measured decides nothing.
    QCOMPARE(budgetGate(budgetReport(budget, nullptr, nullptr, {})).verdict, Verdict::Undecided);
}

void TestBudgets::gateOfLoadTests()
{
    Budget budget;
    budget.name = "api";
    budget.targetMs = 500;
    budget.errorLimit = 0.01;
    budget.components = {part("Database", "SELECT *", 60)};
    BudgetInputs inputs;
    const auto verdict = [&](double p95, double errors) {
        inputs.phases = {{1, "nightly", "hold", 10000, errors, 80, p95, 900, {}}};
        return budgetGate(budgetReport(budget, nullptr, nullptr, inputs)).verdict;
    };
    QCOMPARE(verdict(520, 10), Verdict::Broken);
    QCOMPARE(verdict(500.0, 10), Verdict::Passed);
    QCOMPARE(verdict(500.0, 100), Verdict::Passed); // exactly 1 %
    QCOMPARE(verdict(500.0, 101), Verdict::Broken);
    // A tool that does not say the P95.
    inputs.phases = {{1, "nightly", "hold", 10000, 0, 80, {}, 900, {}}};
    QCOMPARE(budgetGate(budgetReport(budget, nullptr, nullptr, inputs)).verdict, Verdict::Undecided);
    // 0.75 is no percentile that load tests print.
    budget.percentile = "0.75";
    inputs.phases = {{1, "nightly", "hold", 10000, 0, 80, 90, 900, {}}};
    QCOMPARE(budgetGate(budgetReport(budget, nullptr, nullptr, inputs)).verdict, Verdict::Undecided);
}

void TestBudgets::storedResults()
{
    const auto workspace = storefixture::newWorkspace();
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer);
    TS_VERIFY_OK(writer->execute(
        "INSERT INTO budget_raw (id, name, target_ms, percentile, margin, min_samples) VALUES (5, 'api', "
        "200, '0.95', 0.2, 1);"
        "INSERT INTO budget_component_raw (budget_id, position, name, match, budget_ms, kind, calls) VALUES"
        " (5, 0, 'Database', 'series:db.time', 50, 'database', 1), (5, 1, 'Free', NULL, 20, 'headroom', 1);"
        "INSERT INTO budget_raw (id, name, target_ms, percentile) VALUES (6, 'bad', -1, '0.95');"));
    std::vector<WorkspaceAnalysis> list;
    for (const WorkspaceAnalysis &analysis : workspaceAnalyses()) {
        if (analysis.kind == "budget_result")
            list.push_back(analysis);
    }
    QCOMPARE(list.size(), std::size_t(1));
    TS_VERIFY_OK(refreshWorkspaceAnalyses(*workspace, list, {}));
    QCOMPARE(
        storefixture::query(*workspace,
            "SELECT part, name, state, budget_ms, p50_ms FROM budget_result ORDER BY budget_id, position"),
        std::string("total api unmeasured 200.0 -; component Database unmeasured 50.0 -;"
                    " component Free unmeasured 20.0 -; unaccounted Unaccounted unmeasured - -"));
    QCOMPARE(storefixture::query(*workspace,
                 "SELECT basis, plain_sum, path, with_headroom, working_ms FROM budget_sum"),
        std::string("planned 50.0 50.0 70.0 160.0"));
    // Spans without a trace are enough.
    storefixture::Source source(*workspace);
    source.span(source.track(TrackRow::Shape::Nested, "tool"), "GET /", 1000, 30 * kMs);
    source.finish();
    TS_VERIFY_OK(writer->execute("UPDATE budget_raw SET match = 'GET *' WHERE id = 5;"
                                 "UPDATE generation SET n = n + 1"));
    TS_VERIFY_OK(refreshWorkspaceAnalyses(*workspace, list, {}));
    QCOMPARE(storefixture::query(*workspace,
                 "SELECT n, p50_ms, state FROM budget_result WHERE part = 'total'"),
        std::string("1 30.0 ok"));
}

QTEST_GUILESS_MAIN(TestBudgets)
#include "tst_budgets.moc"
