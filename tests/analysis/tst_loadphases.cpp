// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Phases of load tests found again in the load they were made of.
#include "analysis/loadphases.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

/// A load of linear stretches, a bin each 10 s.
class Load
{
public:
    Load &to(double target, int bins)
    {
        const double from = values.empty() ? 0 : values.back();
        for (int i = 1; i <= bins; ++i)
            values.push_back(from + (target - from) * i / bins);
        return *this;
    }
    Load &jump(double level, int bins)
    {
        values.insert(values.end(), std::size_t(bins), level);
        return *this;
    }
    QString phases(LoadPhaseOptions options = {}) const
    {
        QStringList words;
        for (const LoadPhaseSpan &span : findLoadPhases(values, 10 * kNanosPerSecond, options)) {
            const std::string_view id = phaseKindId(span.kind);
            words << QString::fromLatin1(id.data(), qsizetype(id.size()));
        }
        return words.join(QLatin1Char(' '));
    }
    std::vector<double> values;
};

} // namespace

class TestLoadPhases : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rampAndHold();
    void allOfThem();
    void steps();
    void shortSpike();
    void noise();
    void nothing();
};

void TestLoadPhases::rampAndHold()
{
    Load load;
    load.to(100, 30).to(100, 60).to(0, 12);
    QCOMPARE(load.phases(), QStringLiteral("ramp hold ramp"));
    const auto spans = findLoadPhases(load.values, 10 * kNanosPerSecond);
    QVERIFY2(spans[1].first >= 27 && spans[1].first <= 31, qPrintable(QString::number(spans[1].first)));
    QVERIFY(spans[1].last >= 88 && spans[1].last <= 91);
    QCOMPARE(spans[1].from, 100.0);
    QCOMPARE(Load().jump(50, 40).phases(), QStringLiteral("hold")); // a tool without ramp
    QCOMPARE(Load().to(1000, 60).phases(), QStringLiteral("ramp"));
}

void TestLoadPhases::allOfThem()
{
    // Ramp 10 min to 10,000, hold 30 min, down to 1,000, spike to 20,000 within a minute and back, soak 24 h.
    Load load;
    load.to(10'000, 60).jump(10'000, 180).jump(1'000, 30).to(20'000, 6).jump(20'000, 6).to(5'000, 6);
    load.jump(5'000, 24 * 360);
    QCOMPARE(load.phases(), QStringLiteral("ramp hold hold spike soak"));
    const auto spans = findLoadPhases(load.values, 10 * kNanosPerSecond);
    QCOMPARE(spans[3].to, 20'000.0);
    // A rise within a minute that does not come back.
    Load rise;
    rise.jump(1'000, 60).to(20'000, 6).jump(20'000, 600);
    QCOMPARE(rise.phases(), QStringLiteral("hold spike soak"));
}

void TestLoadPhases::steps()
{
    Load load;
    for (const double level : {10, 20, 40, 80})
        load.jump(level, 30);
    QCOMPARE(load.phases(), QStringLiteral("step step step step"));
    Load two;
    two.jump(10, 30).jump(15, 30);
    QCOMPARE(two.phases(), QStringLiteral("hold hold"));
}

void TestLoadPhases::shortSpike()
{
    Load load;
    load.jump(100, 60).jump(500, 6).jump(100, 60);
    QCOMPARE(load.phases(), QStringLiteral("hold spike hold"));
    Load lasting; // not short
    lasting.jump(100, 60).jump(500, 200).jump(100, 60);
    QCOMPARE(lasting.phases(), QStringLiteral("hold hold hold"));
}

void TestLoadPhases::noise()
{
    Load load;
    load.to(200, 40).jump(200, 120);
    std::mt19937 random(90);
    for (double &value : load.values)
        value = double(std::poisson_distribution<int>(std::max(0.1, value * 10))(random)) / 10; // 10 s a bin
    LoadPhaseOptions options;
    options.isNoisy = true;
    options.tolerance = 0.1;
    QCOMPARE(load.phases(options), QStringLiteral("ramp hold"));
}

void TestLoadPhases::nothing()
{
    QVERIFY(findLoadPhases({}, kNanosPerSecond).empty());
    QCOMPARE(Load().jump(0, 50).phases(), QString());
    QCOMPARE(Load().jump(NAN, 50).phases(), QString());
    // A gap ends a phase, it is not a load of 0.
    Load gap;
    gap.jump(10, 20).jump(NAN, 5).jump(10, 20);
    QCOMPARE(gap.phases(), QStringLiteral("hold hold"));
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        Load any;
        for (int i = 0; i < 60; ++i)
            any.jump(random() % 7 == 0 ? NAN : double(random() % 100), 1 + int(random() % 4));
        std::size_t next = 0;
        for (const LoadPhaseSpan &span : findLoadPhases(any.values, kNanosPerSecond)) {
            QVERIFY(span.first >= next && span.last >= span.first && span.last < any.values.size());
            next = span.last + 1;
        }
    }
}

QTEST_GUILESS_MAIN(TestLoadPhases)
#include "tst_loadphases.moc"
