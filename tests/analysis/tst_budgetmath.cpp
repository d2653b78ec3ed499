// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetmath.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using Verdict = LatencyFloor::Verdict;

namespace {

Budget checkout()
{
    Budget budget;
    budget.name = "checkout";
    budget.targetMs = 500;
    const auto add = [&](double ms, int group = 0, BudgetKind kind = BudgetKind::Processing) {
        BudgetComponent part;
        part.name = "c" + std::to_string(budget.components.size());
        part.budgetMs = ms;
        part.parallelGroup = group;
        part.kind = kind;
        budget.components.push_back(part);
    };
    add(10), add(30), add(50, 1), add(40, 1), add(150), add(60), add(30), add(15);
    add(85, 0, BudgetKind::Headroom);
    return budget;
}

std::optional<Nanos> ms(double value) { return Nanos(value * 1e6); }

} // namespace

class TestBudgetMath : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void workingBudgets();
    void quantiles();
    void componentStates();
    void plainSumAndPath();
    void floors();
    void timeouts();
    void remaining();
    void network();
};

void TestBudgetMath::workingBudgets()
{
    QCOMPARE(workingBudget(200).value(), 160.0);
    QCOMPARE(workingBudget(400).value(), 320.0);
    QCOMPARE(workingBudget(500).value(), 400.0);
    QCOMPARE(workingBudget(500, 0).value(), 500.0);
    QVERIFY(!workingBudget(0));
    QVERIFY(!workingBudget(100, 0.6));
    QVERIFY(!workingBudget(100, -0.1));
    // The 200 ms preset uses all of its target: 40 ms more than its working budget.
    double sum = 0;
    for (const double part : {5, 10, 15, 5, 50, 80, 10, 25})
        sum += part;
    QCOMPARE(sum - workingBudget(200).value(), 40.0);
}

void TestBudgetMath::quantiles()
{
    QCOMPARE(quantileOf("0.95").value(), (Quantile{19, 20}));
    QCOMPARE(quantileOf("0.999").value(), (Quantile{999, 1000}));
    QCOMPARE(quantileOf(".5").value(), (Quantile{1, 2}));
    for (const char *bad : {"", "1", "0", "0.0", "1.5", "-0.5", "0.9x", "95", "0.1234567890"})
        QVERIFY2(!quantileOf(bad), bad);
}

void TestBudgetMath::componentStates()
{
    QCOMPARE(budgetState(ms(39), 50), BudgetState::Ok);
    QCOMPARE(budgetState(ms(40), 50), BudgetState::Warning);
    QCOMPARE(budgetState(ms(50), 50), BudgetState::Warning); // equal to the limit is inside
    QCOMPARE(budgetState(ms(50.1), 50), BudgetState::Over);
    QCOMPARE(budgetState(ms(350), 400), BudgetState::Warning); // 87.5 %
    QCOMPARE(budgetState(std::nullopt, 50), BudgetState::Unmeasured);
    QCOMPARE(budgetState(ms(50), std::nullopt), BudgetState::Ok);
    QCOMPARE(budgetState(ms(520), 500), BudgetState::Over);
    QCOMPARE(budgetState(ms(500), 500), BudgetState::Warning);
}

void TestBudgetMath::plainSumAndPath()
{
    Budget budget = checkout();
    BudgetSums sums = plannedSums(budget);
    QCOMPARE(sums.plain, 385.0);
    QCOMPARE(sums.plainWithHeadroom(), 470.0);
    QCOMPARE(sums.path, 345.0);
    QCOMPARE(sums.pathWithHeadroom(), 430.0);
    // A fraud check of 100 ms that everybody waits for.
    BudgetComponent fraud;
    fraud.name = "fraud check";
    fraud.budgetMs = 100;
    budget.components.push_back(fraud);
    QCOMPARE(plannedSums(budget).path, 445.0);
    QVERIFY(plannedSums(budget).path > workingBudget(500).value());
    budget.components.back().kind = BudgetKind::Async;
    QCOMPARE(plannedSums(budget).path, 345.0);
    // Beside the payment it fits into the group.
    const BudgetPart five[]{{10, 1}, {20, 1}, {70, 1}, {30, 1}, {5, 1}};
    QCOMPARE(budgetSums(five).path, 70.0);
    const BudgetPart chat[]{{20}, {4}, {200, 0, true}};
    QCOMPARE(budgetSums(chat).path, 24.0);
}

void TestBudgetMath::floors()
{
    const auto floorOf = [](std::vector<FloorOperation> operations, double target) {
        return latencyFloor(operations, target).value();
    };
    QCOMPARE(floorOf({{3, 75, 75}, {1, 5, 5}}, 200).lowMs, 230.0);
    QCOMPARE(floorOf({{3, 75, 75}, {1, 5, 5}}, 200).verdict, Verdict::Impossible);
    QCOMPARE(floorOf({{3, 50, 50}}, 200).lowMs, 150.0);
    QCOMPARE(floorOf({{3, 50, 50}}, 200).verdict, Verdict::Feasible);
    QCOMPARE(floorOf({{5, 2, 7}}, 200).lowMs, 10.0);
    QCOMPARE(floorOf({{5, 2, 7}}, 200).highMs, 35.0);
    QCOMPARE(floorOf({{1, 350, 350}}, 400).verdict, Verdict::NoReserve); // the working budget is 320
    QCOMPARE(floorOf({{1, 400, 400}}, 400).verdict, Verdict::NoReserve);
    QCOMPARE(floorOf({{3, 75, 75, 1}, {1, 90, 90, 1}}, 500).lowMs, 225.0); // a group counts its longest
    QCOMPARE(floorOf({{0, 75, 75}}, 500).lowMs, 0.0);
    QVERIFY(!latencyFloor(std::vector<FloorOperation>{{-1, 1, 1}}, 100));
    QVERIFY(!latencyFloor(std::vector<FloorOperation>{{1, 2, 1}}, 100));
    Budget budget = checkout();
    QVERIFY(!budgetFloor(budget));
    budget.components[0].callMs = 495;
    budget.components[4].callMs = 20;
    const auto floor = budgetFloor(budget);
    QVERIFY(floor.has_value());
    QCOMPARE(floor->floor.lowMs, 515.0);
    QCOMPARE(floor->floor.verdict, Verdict::Impossible);
    QCOMPARE(floor->known, 2);
    QCOMPARE(floor->open, 6);
}

void TestBudgetMath::timeouts()
{
    QCOMPARE(timeoutFromBudget(50).value(), 60.0);
    QCOMPARE(timeoutFromBudget(80).value(), 100.0);
    QCOMPARE(timeoutFromBudget(150).value(), 200.0);
    QVERIFY(!timeoutFromBudget(0));
    QCOMPARE(timeoutFromP99(50, TimeoutTier::Standard)->lowMs, 250.0);
    QCOMPARE(timeoutFromP99(50, TimeoutTier::Standard)->highMs, 500.0);
    const auto capped = timeoutFromP99(120, TimeoutTier::NonCritical);
    QCOMPARE(capped->lowMs, 500.0);
    QVERIFY(capped->isCapped);
    const auto state = [](std::optional<double> limit, std::optional<double> budget,
                           std::optional<double> p99) { return timeoutState(limit, true, budget, p99, 500); };
    QCOMPARE(state({}, 150, {}), TimeoutState::Missing);
    QCOMPARE(timeoutState({}, false, 150, {}, 500), TimeoutState::Unknown);
    QCOMPARE(state(0, 150, {}), TimeoutState::Zero);
    QCOMPARE(state(200, 150, 180), TimeoutState::Ok);
    QCOMPARE(state(30'000, {}, 50), TimeoutState::LibraryDefault);
    QCOMPARE(timeoutState(30'000, true, {}, 50, 60'000), TimeoutState::Loose); // 600 times P99
    QCOMPARE(state(2000, 150, 180), TimeoutState::OverTarget);
    QCOMPARE(state(500, 260, 180), TimeoutState::Ok); // equal to the target
    QCOMPARE(state(100, 150, 90), TimeoutState::BelowBudget);
    QCOMPARE(state(200, 150, 210), TimeoutState::BelowP99);
    QCOMPARE(state(400, 150, 180), TimeoutState::Loose);
}

void TestBudgetMath::remaining()
{
    const BudgetPart page[]{{2000}, {600}, {300}, {400}};
    const auto steps = remainingBudget(3000, page).value();
    QCOMPARE(steps[0].beforeMs, 3000.0);
    QCOMPARE(steps[1].beforeMs, 1000.0);
    QCOMPARE(steps[2].beforeMs, 400.0);
    QCOMPARE(steps[3].beforeMs, 100.0);
    QCOMPARE(steps[3].afterMs, -300.0); // 3.3 s in all
    for (int i = 0; i < 4; ++i)
        QCOMPARE(steps[std::size_t(i)].violates, i == 3);
    // Deadline 5 s, first attempt 4 s: no second one.
    const BudgetPart attempts[]{{4000}, {4000}};
    QVERIFY(remainingBudget(5000, attempts).value()[1].violates);
    const BudgetPart group[]{{50, 1}, {40, 1}, {60}};
    const auto beside = remainingBudget(100, group).value();
    QCOMPARE(beside[1].beforeMs, 100.0);
    QCOMPARE(beside[2].beforeMs, 50.0);
    QVERIFY(beside[2].violates);
    QVERIFY(!remainingBudget(0, page));
}

void TestBudgetMath::network()
{
    QCOMPARE(transferMs(50'000, 10e6).value(), 40.0);
    QCOMPARE(transferMs(50'000, 1e6).value(), 400.0);
    QCOMPARE(transferMs(50'000, 1e6, 10).value(), 40.0);
    QVERIFY(!transferMs(1, 0));
    QCOMPARE(connectMs(200, TlsVersion::Tls13, 1.5).value(), 500.0);
    QCOMPARE(connectMs(200, TlsVersion::Tls12, 1.5).value(), 700.0);
    QCOMPARE(connectMs(200, TlsVersion::Tls13).value(), 400.0);
    QCOMPARE(connectMs(200, TlsVersion::Tls12).value(), 600.0);
    QVERIFY(!connectMs(0, TlsVersion::None));
    QCOMPARE(requestRounds(50).value(), 9);
    QCOMPARE(requestRounds(100).value(), 17);
    QCOMPARE(requestRounds(0).value(), 0);
    QVERIFY(!requestRounds(-1));
}

QTEST_GUILESS_MAIN(TestBudgetMath)
#include "tst_budgetmath.moc"
