// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts about two sets of spans.
#include "analysis/comparesets.h"
#include "spanfixture.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kMs = kNanosPerMilli;

OperationSample sample(std::vector<Nanos> durations, std::int64_t errors = 0, const char *name = "GET")
{
    std::sort(durations.begin(), durations.end());
    return {"shop", name, std::move(durations), {}, 0, errors};
}

/// n values spread evenly between low and high, `tail` of them at `tailValue`.
std::vector<Nanos> spread(int n, Nanos low, Nanos high, int tail = 0, Nanos tailValue = 0)
{
    std::vector<Nanos> values;
    for (int i = 0; i < n - tail; ++i)
        values.push_back(low + (high - low) * i / std::max(1, n - tail - 1));
    values.insert(values.end(), std::size_t(tail), tailValue);
    return values;
}

SetSample set(std::vector<OperationSample> operations)
{
    SetSample result;
    for (const OperationSample &operation : operations)
        result.spans += operation.count();
    result.operations = std::move(operations);
    result.range = {0, 3'600 * kNanosPerSecond};
    return result;
}

OperationComparison one(OperationSample a, OperationSample b, const CompareLimits &limits = {})
{
    return compareSets(set({std::move(a)}), set({std::move(b)}), limits).operations.front();
}

GateResult gate(OperationSample a, OperationSample b)
{
    return gateResult(one(std::move(a), std::move(b), kGateLimits));
}

} // namespace

class TestCompareSets : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void gateKnownAnswers();
    void canaryKnownAnswers();
    void tailAloneGetsWorse();
    void chanceIsUnknown();
    void tooFewIsUnknown();
    void wholeSets();
    void samplesFromColumns();
    void weightsMoveTheFigures();
};

void TestCompareSets::gateKnownAnswers()
{
    const auto flat = [](Nanos value) { return sample(std::vector<Nanos>(300, value)); };
    QCOMPARE(gate(flat(100), flat(120)), GateResult::Passed); // exactly 20 %
    QCOMPARE(gate(flat(100), flat(121)), GateResult::Failed);
    QCOMPARE(gate(flat(100), sample({})), GateResult::Undecided);
    QCOMPARE(gate(sample(std::vector<Nanos>(20, 100)), sample(std::vector<Nanos>(20, 500))),
        GateResult::Undecided);
    QCOMPARE(gateResult(SetComparison{}), GateResult::Undecided);
}

void TestCompareSets::canaryKnownAnswers()
{
    const auto requests = [](Nanos p99, std::int64_t errors) {
        return sample(spread(10'000, 10 * kMs, 60 * kMs, 300, p99), errors);
    };
    // 0.5 % / 120 ms against 0.6 % / 125 ms: promote; against 2.1 % / 180 ms: roll back.
    QCOMPARE(gate(requests(120 * kMs, 50), requests(125 * kMs, 60)), GateResult::Passed);
    const OperationComparison bad = one(requests(120 * kMs, 50), requests(180 * kMs, 210), kGateLimits);
    QCOMPARE(gateResult(bad), GateResult::Failed);
    QCOMPARE(bad.measures[2].verdict, Verdict::Worse);
    QCOMPARE(bad.measures[3].verdict, Verdict::Worse);
    QCOMPARE(bad.measures[1].verdict, Verdict::Same);
    QVERIFY(std::abs(*bad.errors->z - 9.988) < 1e-3);
    const std::string text = changeText(bad);
    QVERIFY2(text.find("P99 120 ms → 180 ms (×1.5)") != std::string::npos, text.c_str());
    QVERIFY2(text.find("errors 0.5 % → 2.1 %") != std::string::npos, text.c_str());
}

void TestCompareSets::tailAloneGetsWorse()
{
    // The same median, P99 200 -> 250 ms.
    const OperationComparison result = one(sample(spread(10'000, 10 * kMs, 90 * kMs, 200, 200 * kMs)),
        sample(spread(10'000, 10 * kMs, 90 * kMs, 200, 250 * kMs)));
    QCOMPARE(result.measures[0].verdict, Verdict::Same);
    QCOMPARE(result.measures[1].verdict, Verdict::Same);
    QCOMPARE(result.measures[2].verdict, Verdict::Worse);
    QCOMPARE(result.verdict, Verdict::Worse);
    QVERIFY2(result.ranks->p > 0.05, "the rank test alone does not see it");
    // And the other way round.
    QCOMPARE(one(sample(spread(10'000, 10, 90, 200, 250)), sample(spread(10'000, 10, 90, 200, 200))).verdict,
        Verdict::Better);
}

void TestCompareSets::chanceIsUnknown()
{
    spanfixture::Random random(5);
    const auto noisy = [&random] {
        std::vector<Nanos> values;
        for (int i = 0; i < 220; ++i)
            values.push_back(Nanos(kMs * (1 + random.below(10) * random.below(10) * random.below(10))));
        return sample(values);
    };
    int worse = 0, unknown = 0;
    for (int round = 0; round < 100; ++round) {
        const OperationComparison result = one(noisy(), noisy());
        worse += result.verdict == Verdict::Worse || result.verdict == Verdict::Better ? 1 : 0;
        unknown += result.verdict == Verdict::Unknown ? 1 : 0;
    }
    QVERIFY2(worse <= 8, qPrintable(QString::number(worse)));
    QVERIFY2(unknown > 50, qPrintable(QString::number(unknown)));
}

void TestCompareSets::tooFewIsUnknown()
{
    const OperationComparison result = one(sample({1, 2, 3}), sample({100, 200, 300}));
    QCOMPARE(result.verdict, Verdict::Unknown);
    QCOMPARE(changeText(result), std::string("not enough samples for P50, P95, P99, errors"));
    const OperationComparison median = one(sample(spread(50, 10, 20)), sample(spread(50, 110, 120)));
    QCOMPARE(median.measures[0].verdict, Verdict::Worse);
    QCOMPARE(median.measures[1].why, MeasureVerdict::Why::TooFew);
    QCOMPARE(median.verdict, Verdict::Worse);
}

void TestCompareSets::wholeSets()
{
    const auto normal = [](const char *name) { return sample(spread(2'000, 10, 90), 0, name); };
    SetSample first = set({normal("a"), normal("b"), normal("c"), normal("gone")});
    SetSample second = set({normal("a"), sample(spread(2'000, 20, 180), 0, "b"),
        sample(spread(2'000, 100, 900), 0, "c"), normal("new")});
    second.range.end /= 4;
    const SetComparison result = compareSets(first, second);
    QCOMPARE(result.operations.size(), std::size_t(3));
    QCOMPARE(result.operations[0].name(), std::string("shop: c"));
    QCOMPARE(result.operations[1].name(), std::string("shop: b"));
    QCOMPARE(result.operations[2].verdict, Verdict::Same);
    QCOMPARE(result.onlyFirst, std::vector<std::string>{"shop: gone"});
    QCOMPARE(result.onlySecond, std::vector<std::string>{"shop: new"});
    QCOMPARE(result.warnings.size(), std::size_t(2)); // length and load
    const std::string words = headline(result);
    QVERIFY2(words.starts_with("Worse: 2 of 3 operations, first shop: c, P50 49 ns → 499 ns (×10.2)"),
        words.c_str());
    const std::string markdown = comparisonMarkdown(result, "monday", "tuesday");
    QVERIFY(markdown.find("| shop: c | 2,000 | 2,000 |") != std::string::npos);
    QVERIFY(headline(compareSets({}, second)).starts_with("Nothing to compare"));
    QVERIFY(headline(compareSets(set({normal("x")}), set({normal("y")}))).starts_with("Nothing to compare"));
}

void TestCompareSets::samplesFromColumns()
{
    const auto columns = spanfixture::randomColumns(3, 5'000);
    const SetSample all = sampleSet(*columns, {}, 0, {});
    QCOMPARE(all.spans, std::int64_t(columns->size()));
    std::int64_t errors = 0, known = 0, unknown = 0;
    for (const OperationSample &operation : all.operations) {
        QVERIFY(std::is_sorted(operation.durations.begin(), operation.durations.end()));
        errors += operation.errors;
        known += std::int64_t(operation.durations.size());
        unknown += operation.unknown;
    }
    QCOMPARE(errors, std::int64_t(std::count(columns->status.begin(), columns->status.end(), 2)));
    QCOMPARE(unknown,
        std::int64_t(std::count(columns->duration.begin(), columns->duration.end(), kUnknownNanos)));
    QCOMPARE(known + unknown, all.spans);
    QCOMPARE(sampleSet(*columns, {}, 12'345, {}).spans, 0);
    // Against itself: nothing differs.
    const SetComparison same = compareSets(all, all);
    QCOMPARE(same.count(Verdict::Worse) + same.count(Verdict::Better), 0);
    QVERIFY(same.warnings.empty());
}

void TestCompareSets::weightsMoveTheFigures()
{
    OperationSample kept = sample(spread(2'000, 10, 20, 1'000, 900));
    OperationSample weighted = kept;
    for (const Nanos duration : weighted.durations)
        weighted.weights.push_back(duration < 100 ? 99 : 1);
    SetSample first = set({weighted}), second = set({weighted});
    first.isWeighted = second.isWeighted = true;
    const SetComparison result = compareSets(first, second);
    QVERIFY(result.isWeighted);
    const OperationComparison &operation = result.operations.front();
    // 1 % of the weight is slow: the P99 is still quick, without weights it is not.
    QCOMPARE(operation.percentiles[2].first.value, Nanos(20));
    QCOMPARE(one(kept, kept).percentiles[2].first.value, Nanos(900));
    QVERIFY(!operation.ranks);
    QVERIFY(operation.percentiles[0].lower95 && operation.percentiles[0].upper95);
}

QTEST_APPLESS_MAIN(TestCompareSets)
#include "tst_comparesets.moc"
