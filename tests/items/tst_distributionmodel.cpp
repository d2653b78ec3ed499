// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributionfilter.h"
#include "items/distributiongroups.h"
#include "items/distributionmodel.h"
#include "items/distributionsql.h"

#include "distributionspans.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace tailscope;
using analysis::GroupBy;
using items::DistributionGroups;
using items::DistributionModel;

namespace {

std::unique_ptr<session::Session> newSession()
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    return std::make_unique<session::Session>(std::move(*workspace));
}

void load(session::Session &session, std::shared_ptr<const analysis::SpanColumns> columns)
{
    session.context()->setColumns(columns, nullptr);
    session.context()->setFullRange(columns->range);
}

bool sameFigures(const analysis::DurationStats &a, const analysis::DurationStats &b)
{
    for (std::size_t i = 0; i < a.figures.size(); ++i) {
        if (a.figures[i].value != b.figures[i].value || a.figures[i].rank != b.figures[i].rank
            || a.figures[i].lower95 != b.figures[i].lower95 || a.figures[i].upper95 != b.figures[i].upper95)
            return false;
    }
    return a.count == b.count && a.unknown == b.unknown && a.errors == b.errors && a.meanNs == b.meanNs
        && a.histogram.counts() == b.histogram.counts();
}

/// Number of rows of the columns that pass the filter.
std::size_t passing(const analysis::SpanColumns &columns, const analysis::Filter &filter)
{
    const auto bitmap = analysis::evaluateFilter(columns, filter, {});
    return !bitmap ? 0 : *bitmap ? (*bitmap)->count() : columns.size();
}

} // namespace

class TestDistributionModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void figuresEqualTheAnalysis();
    void stagesInOrder();
    void nothingWhileInactive();
    void emptyAndUnloaded();
    void rangeAndFilter();
    void keepsOldPictureWhileComputing();
    void selfTime();
    void preview();
    void previewOfSelfTime();
    void overlays();
    void groupFilters_data();
    void groupFilters();
    void valueFilters();
    void groupTable();
    void groupTableUnderTester();
    void sqlRuns();
};

void TestDistributionModel::figuresEqualTheAnalysis()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(20'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, columns);
    QTRY_VERIFY(!model.isBusy() && model.bins());
    const analysis::DurationStats expected = analysis::durationStats(*columns, {});
    QVERIFY(sameFigures(*model.stats(), expected));
    QCOMPARE(model.stats()->count + model.stats()->unknown, std::int64_t(20'000));
    const auto groups
        = analysis::groupStats(*columns, {}, GroupBy::Operation, DistributionModel::kGroupLimit);
    QCOMPARE(model.groups()->size(), groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        QCOMPARE((*model.groups())[i].name, groups[i].name);
        QCOMPARE((*model.groups())[i].figures[3].value, groups[i].figures[3].value);
    }
    // The heat map and the bins hold every span.
    std::int64_t inBins = 0;
    for (const auto &bin : model.bins()->bins)
        inBins += bin.count;
    QCOMPARE(inBins, std::int64_t(20'000));
}

void TestDistributionModel::stagesInOrder()
{
    auto session = newSession();
    DistributionModel model(session.get());
    QStringList order;
    connect(&model, &DistributionModel::statsChanged, this, [&] { order << QStringLiteral("stats"); });
    connect(&model, &DistributionModel::groupsChanged, this, [&] { order << QStringLiteral("groups"); });
    connect(&model, &DistributionModel::binsChanged, this, [&] { order << QStringLiteral("bins"); });
    session->context()->setColumns(test::columnsOf(test::shopSpans(500), test::kShopOperations), nullptr);
    model.setActive(true);
    QTRY_VERIFY(!model.isBusy());
    QCOMPARE(order, QStringList({QStringLiteral("stats"), QStringLiteral("groups"), QStringLiteral("bins")}));
    order.clear();
    model.setGroupBy(GroupBy::Service);
    QTRY_VERIFY(!model.isBusy());
    QCOMPARE(order.first(), QStringLiteral("groups"));
    QVERIFY(!order.contains(QStringLiteral("stats")));
    QCOMPARE(model.groups()->size(), std::size_t(2));
    order.clear();
    model.setTimeResolution(60, 10);
    QTRY_VERIFY(!model.isBusy());
    QCOMPARE(order, QStringList({QStringLiteral("bins")}));
    QCOMPARE(model.bins()->bins.size(), std::size_t(60));
}

void TestDistributionModel::nothingWhileInactive()
{
    auto session = newSession();
    DistributionModel model(session.get());
    load(*session, test::columnsOf(test::shopSpans(500), test::kShopOperations));
    QTest::qWait(50);
    QVERIFY(!model.stats());
    QVERIFY(model.isBusy());
    model.setActive(true);
    QTRY_VERIFY(!model.isBusy());
    QVERIFY(model.stats());
}

void TestDistributionModel::emptyAndUnloaded()
{
    auto session = newSession();
    DistributionModel model(session.get());
    model.setActive(true);
    QVERIFY(!model.hasSpans());
    QVERIFY(!model.isBusy());
    QVERIFY(!model.stats());
    load(*session, test::columnsOf({}, test::kShopOperations));
    QTRY_VERIFY(!model.isBusy());
    QVERIFY(!model.stats());
    // One span of unknown duration: counted, in no figure.
    load(*session, test::columnsOf({{100, kUnknownNanos}}, test::kShopOperations));
    QTRY_VERIFY(model.stats() && !model.isBusy());
    QCOMPARE(model.stats()->count, std::int64_t(0));
    QCOMPARE(model.stats()->unknown, std::int64_t(1));
    QCOMPARE(model.stats()->figures[0].value, kUnknownNanos);
    // And back to nothing.
    session->context()->setColumns(nullptr, nullptr);
    QTRY_VERIFY(!model.stats());
    QVERIFY(!model.groups() && !model.bins());
}

void TestDistributionModel::rangeAndFilter()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(5'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, columns);
    const Nanos middle = columns->range.begin + columns->range.length() / 2;
    session->context()->setRange(TimeRange{columns->range.begin, middle});
    session->context()->setFilterText(QStringLiteral("operation=\"GET /cart\""));
    QTRY_VERIFY(!model.isBusy() && session->context()->filterBitmap());
    const auto expected = analysis::durationStats(*columns, session->context()->spanSelection());
    QVERIFY(sameFigures(*model.stats(), expected));
    QCOMPARE(model.groups()->size(), std::size_t(1));
    QCOMPARE(model.bins()->range, *session->context()->range());
    QVERIFY(expected.count > 100 && expected.count < 2'500);
    // A wrong filter leaves everything as it is.
    session->context()->setFilterText(QStringLiteral("duration>=banana"));
    QTRY_VERIFY(!model.isBusy());
    QVERIFY(sameFigures(*model.stats(), expected));
}

void TestDistributionModel::keepsOldPictureWhileComputing()
{
    auto session = newSession();
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, test::columnsOf(test::shopSpans(2'000), test::kShopOperations));
    QTRY_VERIFY(!model.isBusy() && model.stats());
    const auto before = model.stats();
    session->context()->setRange(
        TimeRange{session->context()->fullRange().begin, session->context()->fullRange().begin + 1});
    QVERIFY(model.isBusy());
    QCOMPARE(model.stats(), before);
    QTRY_VERIFY(!model.isBusy());
    QVERIFY(model.stats() != before);
}

void TestDistributionModel::selfTime()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(3'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, columns);
    model.setSelfTime(true);
    QTRY_VERIFY(!model.isBusy() && model.stats());
    QVERIFY(model.statsAreSelf());
    QVERIFY(sameFigures(*model.stats(), analysis::durationStats(*columns, {}, true)));
    // Toggling while everything is still being computed must not lose the later stages.
    model.setSelfTime(false);
    session->context()->setRange(
        TimeRange{columns->range.begin, columns->range.begin + kNanosPerSecond * 600});
    model.setSelfTime(true);
    model.setSelfTime(false);
    QTRY_VERIFY(!model.isBusy());
    const auto expected = analysis::durationStats(*columns, session->context()->spanSelection());
    QVERIFY(sameFigures(*model.stats(), expected));
    QCOMPARE(model.bins()->range, *session->context()->range());
    std::int64_t inGroups = 0;
    for (const auto &group : *model.groups())
        inGroups += group.count;
    QCOMPARE(inGroups, expected.count + expected.unknown);
}

void TestDistributionModel::preview()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(3'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, columns);
    QTRY_VERIFY(!model.isBusy() && model.stats());
    QSignalSpy changed(&model, &DistributionModel::previewChanged);
    QElapsedTimer clock;
    clock.start();
    // A drag of half a second at 200 movements a second gives at most ten figures a second.
    for (Nanos high = 1; clock.elapsed() < 500; ++high) {
        model.setPreview(
            items::DistributionPart{std::nullopt, std::pair(Nanos(1'000'000), 2'000'000 + high)});
        QTest::qWait(5);
    }
    QVERIFY2(changed.size() >= 2 && changed.size() <= 7, qPrintable(QString::number(changed.size())));
    // The last movement is answered although nothing moves any more.
    const items::DistributionPart last{std::nullopt, std::pair(Nanos(1'000'000), Nanos(5'000'000))};
    model.setPreview(last);
    QTRY_VERIFY(model.previewPart() == last);
    analysis::SpanSelection selection;
    selection.durationRange = last.values;
    QVERIFY(sameFigures(*model.preview(), analysis::durationStats(*columns, selection)));
    // A part of time.
    const items::DistributionPart time{
        TimeRange{columns->range.begin, columns->range.begin + kNanosPerSecond * 60}, {}};
    model.setPreview(time);
    QTRY_VERIFY(model.previewPart() == time);
    QCOMPARE(model.preview()->count + model.preview()->unknown, std::int64_t(25));
    model.setPreview(std::nullopt);
    QVERIFY(!model.preview());
}

void TestDistributionModel::previewOfSelfTime()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(3'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    model.setSelfTime(true);
    load(*session, columns);
    QTRY_VERIFY(!model.isBusy() && model.stats());
    const items::DistributionPart open{std::nullopt, std::pair(Nanos(500'000), kUnknownNanos)};
    model.setPreview(open);
    QTRY_VERIFY(model.previewPart() == open);
    std::int64_t slower = 0;
    for (const Nanos self : columns->self)
        slower += self != kUnknownNanos && self >= 500'000 ? 1 : 0;
    QCOMPARE(model.preview()->count, slower);
    QVERIFY(slower > 0 && slower < 3'000);
}

void TestDistributionModel::overlays()
{
    auto session = newSession();
    const auto columns = test::columnsOf(test::shopSpans(3'000), test::kShopOperations);
    DistributionModel model(session.get());
    model.setActive(true);
    load(*session, columns);
    QTRY_VERIFY(!model.isBusy() && model.stats());
    model.setOverlayGroups({QStringLiteral("POST /checkout"), QStringLiteral("no such group")});
    QCOMPARE(model.overlays().size(), std::size_t(1));
    analysis::SpanSelection selection;
    selection.operation = 2;
    QCOMPARE(model.overlays()[0].histogram->counts(),
        analysis::durationStats(*columns, selection).histogram.counts());
    model.setSelfTime(true);
    QTRY_VERIFY(!model.isBusy() && model.statsAreSelf());
    QCOMPARE(model.overlays().size(), std::size_t(1));
    QCOMPARE(model.overlays()[0].histogram->counts(),
        analysis::durationStats(*columns, selection, true).histogram.counts());
}

void TestDistributionModel::groupFilters_data()
{
    QTest::addColumn<int>("by");
    for (const auto &[name, by] : {std::pair("operation", GroupBy::Operation), {"service", GroupBy::Service},
             {"instance", GroupBy::Instance}, {"status", GroupBy::Status}, {"http", GroupBy::HttpClass}})
        QTest::newRow(name) << int(by);
}

void TestDistributionModel::groupFilters()
{
    // A group's filter leaves as many spans as the group counts, its exclusion all others: also for names
    // that look like syntax, codes out of every class, and no code.
    QFETCH(int, by);
    std::vector<test::HandSpan> spans = test::shopSpans(400);
    for (std::size_t i = 0; i < spans.size(); i += 10)
        spans[i].http = std::uint16_t(i % 20 == 0 ? 99 : 700);
    spans[1].status = SpanStatus::Unset;
    const auto columns = test::columnsOf(spans, {"a \"quoted\\ name\"", "-minus=/x/", ""});
    const auto groups = analysis::groupStats(*columns, {}, GroupBy(by), 100);
    QVERIFY(groups.size() >= 2);
    for (const auto &group : groups) {
        const analysis::Filter only = items::groupFilter(GroupBy(by), group.name);
        const analysis::Filter others = items::groupExclusion(GroupBy(by), group.name);
        QCOMPARE(passing(*columns, only), std::size_t(group.count));
        QCOMPARE(passing(*columns, others), columns->size() - std::size_t(group.count));
        const auto reparsed = analysis::parseFilter(only.toText());
        QVERIFY2(reparsed.has_value(), only.toText().c_str());
        QCOMPARE(passing(*columns, *reparsed), std::size_t(group.count));
        const auto excluded = analysis::parseFilter(others.toText());
        QVERIFY2(excluded.has_value(), others.toText().c_str());
        QCOMPARE(passing(*columns, *excluded), columns->size() - std::size_t(group.count));
    }
}

void TestDistributionModel::valueFilters()
{
    QCOMPARE(items::valueFilter(false, 5'000'000, 7'000'001).toText(),
        std::string("duration>=5ms duration<7000001ns"));
    QCOMPARE(items::valueFilter(true, 0, kUnknownNanos).toText(), std::string("self>=0"));
    auto session = newSession();
    DistributionModel model(session.get());
    session->context()->setFilterText(QStringLiteral("service=shop duration>=5ms self<1s"));
    QVERIFY(model.hasValueFilter());
    model.clearValueFilter();
    QCOMPARE(session->context()->filterText(), QStringLiteral("service=shop self<1s"));
    QVERIFY(!model.hasValueFilter());
    model.clearValueFilter();
    QCOMPARE(session->context()->filterText(), QStringLiteral("service=shop self<1s"));
}

void TestDistributionModel::groupTable()
{
    const auto columns = test::columnsOf(test::shopSpans(3'000), test::kShopOperations);
    auto stats = std::make_shared<const DistributionGroups::Groups>(
        analysis::groupStats(*columns, {}, GroupBy::Operation, 2));
    DistributionGroups table;
    table.setGroups(stats, GroupBy::Operation, true, 1, kNanosPerSecond);
    QCOMPARE(table.rowCount(), 3);
    QVERIFY(table.isOther(2));
    QVERIFY(table.filterTerms(2).isEmpty() && table.excludeTerms(2).isEmpty());
    for (const int column :
        {int(DistributionGroups::Name), int(DistributionGroups::Count), int(DistributionGroups::P99)}) {
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            table.sort(column, order);
            QVERIFY2(table.isOther(2), "the rest stays last");
        }
    }
    table.sort(DistributionGroups::Count, Qt::DescendingOrder);
    QVERIFY(table.group(0).count >= table.group(1).count);
    // Text copies carry exact nanoseconds.
    const QStringList lines = table.toText({0, 1}).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines.at(1).split(QLatin1Char('\t')).at(5), QString::number(table.group(0).figures[3].value));
    double shares = 0;
    for (int row = 0; row < 3; ++row)
        shares
            += table.index(row, DistributionGroups::SelfShare).data(DistributionGroups::BarRole).toDouble();
    QVERIFY(std::abs(shares - 1) < 1e-9);
    table.setOverlays({table.name(1)});
    QCOMPARE(table.index(1, 0).data(DistributionGroups::OverlayRole).toInt(), 0);
    QCOMPARE(table.index(0, 0).data(DistributionGroups::OverlayRole).toInt(), -1);
    const auto shape = table.index(0, DistributionGroups::Shape)
                           .data(DistributionGroups::ShapeRole)
                           .value<QVector<double>>();
    QCOMPARE(shape.size(), DistributionGroups::kShapeBars);
    QCOMPARE(*std::max_element(shape.begin(), shape.end()), 1.0);
}

void TestDistributionModel::groupTableUnderTester()
{
    const auto columns = test::columnsOf(test::shopSpans(500), test::kShopOperations);
    DistributionGroups table;
    QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const GroupBy by : {GroupBy::Operation, GroupBy::Status, GroupBy::HttpClass}) {
        table.setGroups(std::make_shared<const DistributionGroups::Groups>(
                            analysis::groupStats(*columns, {}, by, 100)),
            by, false, 1, kNanosPerSecond);
        for (int column = 0; column < DistributionGroups::ColumnCount; ++column)
            table.sort(column, column % 2 ? Qt::AscendingOrder : Qt::DescendingOrder);
    }
    table.setGroups(nullptr, GroupBy::Operation, false, 0, 0);
    QCOMPARE(table.rowCount(), 0);
}

void TestDistributionModel::sqlRuns()
{
    auto session = newSession();
    auto database = session->workspace().connectReader();
    QVERIFY(database.has_value());
    const QString condition = QStringLiteral("start_ns >= 5 AND duration_ns >= 5 AND operation = 'it''s'");
    for (const bool weighted : {false, true}) {
        for (const bool self : {false, true}) {
            const items::DistributionSqlScope scope{condition, self, weighted};
            QStringList queries{items::distributionFiguresSql(scope),
                items::distributionBinsSql(scope, {0, 100}, 10)};
            for (const GroupBy by : {GroupBy::Operation, GroupBy::Service, GroupBy::Instance, GroupBy::Track,
                     GroupBy::Status, GroupBy::HttpClass})
                queries << items::distributionGroupsSql(scope, by);
            for (const QString &query : std::as_const(queries)) {
                auto statement = database->prepare(query.toStdString());
                QVERIFY2(statement.has_value(), qPrintable(query));
                const auto step = statement->step();
                QVERIFY2(step.has_value(), qPrintable(query));
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestDistributionModel)
#include "tst_distributionmodel.moc"
