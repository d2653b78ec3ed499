// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// "We made it 40 percent faster": one day within the usual range proves nothing.
#include "analysis/improvement.h"

#include <QTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kHour = 3600 * kNanosPerSecond;

std::vector<Nanos> days(const std::vector<int> &ms)
{
    std::vector<Nanos> out;
    for (const int each : ms)
        out.push_back(each * kNanosPerMilli);
    return out;
}

} // namespace

class TestImprovement : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneDayProvesNothing();
    void sevenAgainstSeven();
    void whatSpoilsIt();
    void tooFewDays();
};

void TestImprovement::oneDayProvesNothing()
{
    const ImprovementClaim claim
        = judgeImprovement({days({80, 83, 86, 89, 92, 95, 98, 101, 104, 107, 110, 113, 116, 120}), days({72}),
            1000, 920, 24 * kHour, {"write P95 +9 %"}});
    QVERIFY(claim.ranks && claim.ranks->isExact);
    QVERIFY(std::abs(claim.ranks->p - 2.0 / 15) < 1e-12); // 0.133
    QVERIFY(!claim.isSignificant && !claim.isLongEnough);
    QCOMPARE(claim.sameLoad, std::optional(true)); // -8 %
    QCOMPARE(claim.outsideUsualRange, std::optional(true));
    QCOMPARE(claim.worse.size(), 1u);
    QCOMPARE(claim.verdict, ImprovementClaim::Verdict::NotSupported);
}

void TestImprovement::sevenAgainstSeven()
{
    const ImprovementClaim claim = judgeImprovement({days({80, 84, 88, 92, 95, 99, 103}),
        days({72, 74, 71, 76, 73, 75, 77}), 1000, 1010, 7 * 24 * kHour, {}});
    QCOMPARE(std::min(claim.ranks->u1, claim.ranks->u2), 0.0);
    QVERIFY(std::abs(claim.ranks->p - 2.0 / 3432) < 1e-9); // 0.00058
    QCOMPARE(claim.verdict, ImprovementClaim::Verdict::Supported);
}

void TestImprovement::whatSpoilsIt()
{
    ImprovementInput good{days({80, 84, 88, 92, 95, 99, 103}), days({72, 74, 71, 76, 73, 75, 77}), 1000, 1010,
        7 * 24 * kHour, {}};
    ImprovementInput otherLoad = good;
    otherLoad.loadAfter = 850;
    QCOMPARE(judgeImprovement(otherLoad).verdict, ImprovementClaim::Verdict::NotSupported);
    ImprovementInput spoilt = good;
    spoilt.worse = {"memory"};
    QCOMPARE(judgeImprovement(spoilt).verdict, ImprovementClaim::Verdict::NotSupported);
    ImprovementInput slower = good;
    std::swap(slower.before, slower.after); // significant, in the wrong direction
    QVERIFY(!judgeImprovement(slower).isSignificant);
    ImprovementInput unknownLoad = good;
    unknownLoad.loadAfter.reset();
    QVERIFY(!judgeImprovement(unknownLoad).sameLoad);
}

void TestImprovement::tooFewDays()
{
    const ImprovementClaim claim
        = judgeImprovement({days({80, 90, 100, 110}), days({70, 71}), {}, {}, 50 * kHour, {}});
    QCOMPARE(claim.verdict, ImprovementClaim::Verdict::CannotJudge);
    QVERIFY(!claim.outsideUsualRange);
    QCOMPARE(judgeImprovement({}).verdict, ImprovementClaim::Verdict::CannotJudge);
}

QTEST_GUILESS_MAIN(TestImprovement)
#include "tst_improvement.moc"
