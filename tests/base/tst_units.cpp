// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"

#include <QtTest>

using namespace tailscope;
using namespace std::string_literals;

class TestUnits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saturates();
    void ranges();
    void tellsErrors();
    void mapsExitCodes();
    void passesErrorsOn();
    void cancelsAllCopies();
};

void TestUnits::saturates()
{
    constexpr Nanos kMax = std::numeric_limits<Nanos>::max();
    constexpr Nanos kLowest = std::numeric_limits<Nanos>::min() + 1; // the minimum itself means unknown
    QCOMPARE(saturatingAdd(kMax, 1), kMax);
    QCOMPARE(saturatingAdd(kLowest, -5), kLowest);
    QCOMPARE(saturatingAdd(2, 3), Nanos{5});
    QCOMPARE(saturatingSub(kLowest, 5), kLowest);
    QCOMPARE(saturatingSub(kMax, -1), kMax);
    QCOMPARE(saturatingSub(2, 3), Nanos{-1});
}

void TestUnits::ranges()
{
    const TimeRange range{10, 20};
    QVERIFY(range.contains(10));
    QVERIFY(!range.contains(20));
    QCOMPARE(range.length(), Nanos{10});
    QVERIFY((TimeRange{5, 5}).isEmpty());
    QCOMPARE((TimeRange{9, 5}).length(), Nanos{0});
}

void TestUnits::tellsErrors()
{
    Error error{ErrorCode::BadInput, "a.json", "is broken", Location{12, 3, 4}, "Try again."};
    QCOMPARE(error.toText(), "a.json: is broken (line 3, column 4, offset 12). Try again."s);
    error.where = Location{};
    error.hint.clear();
    QCOMPARE(error.toText(), "a.json: is broken"s);
}

void TestUnits::mapsExitCodes()
{
    QCOMPARE(exitCode(ErrorCode::Usage), 2);
    QCOMPARE(exitCode(ErrorCode::NotFound), 3);
    QCOMPARE(exitCode(ErrorCode::UnknownFormat), 3);
    QCOMPARE(exitCode(ErrorCode::Connection), 4);
    QCOMPARE(exitCode(ErrorCode::Locked), 5);
    QCOMPARE(exitCode(ErrorCode::Damaged), 5);
}

void TestUnits::passesErrorsOn()
{
    const auto inner = [](bool good) -> Result<void> {
        if (good)
            return {};
        return fail(ErrorCode::NotFound, "x", "missing");
    };
    const auto outer = [&](bool good) -> Result<int> {
        TS_TRY(inner(good));
        return 7;
    };
    QCOMPARE(outer(true).value(), 7);
    QVERIFY(!outer(false));
    QVERIFY(outer(false).error().code == ErrorCode::NotFound);
}

void TestUnits::cancelsAllCopies()
{
    Progress progress;
    const Progress copy = progress;
    QVERIFY(!copy.isCancelled());
    progress.cancel.cancel();
    QVERIFY(copy.isCancelled());
    copy.update({"reading", 1, 2, 3}); // without a receiver: nothing happens
}

QTEST_GUILESS_MAIN(TestUnits)
#include "tst_units.moc"
