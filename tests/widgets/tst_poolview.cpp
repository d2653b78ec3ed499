// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The view of pools: what it says, by keyboard, empty, light and dark; and what its sliders answer.
#include "analysis/workspaceanalyses.h"
#include "items/poolmodel.h"
#include "store/bulkwriter.h"
#include "tests/widgets/viewtest.h"
#include "widgets/charts/plotview.h"
#include "widgets/pool/poolview.h"
#include "widgets/pool/poolwhatifpanel.h"

#include <QApplication>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTabWidget>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

constexpr Nanos kStart = 1'772'449'200 * kNanosPerSecond;

/// Forty instances of which each gets five of the server's 200 connections, and a topology that says so.
std::unique_ptr<session::Session> sample(bool withSamples = true)
{
    auto workspace = store::Workspace::temporary();
    auto writer = store::BulkWriter::create(**workspace, {"pools", "test", {}}, {});
    SourceInfo info;
    info.kind = SourceKind::Metrics;
    (*writer)->setSource(info);
    const auto config
        = [&](const char *kind, const char *subject, const char *parent, const char *key, const char *value) {
              const RecordField fields[]{{"subject_kind", std::string_view(kind)},
                  {"subject", std::string_view(subject)}, {"parent", std::string_view(parent)},
                  {"key", std::string_view(key)}, {"value", std::string_view(value)}};
              (*writer)->record({RecordTable::Config, {}, {}, {}, {}, fields});
          };
    config("service", "api", "", "instances", "40");
    config("pool", "products", "api", "size", "20");
    config("pool", "products", "api", "target", "db1");
    config("pool", "products", "api", "acquire_timeout_ms", "30000");
    config("call", "edge->api", "edge", "timeout_ms", "10000");
    config("server", "db1", "", "max_connections", "200");
    for (int instance = 1; withSamples && instance <= 40; ++instance) {
        const std::string name = "api-" + std::to_string(instance);
        double acquired = 0;
        for (int i = 0; i <= 120; ++i) {
            const double free = i < 60 ? 3 : 5;
            acquired += i < 60 ? 170 : 287.555;
            const RecordField fields[]{{"pool", std::string_view("products")},
                {"instance", std::string_view(name)}, {"ts_ns", kStart + i * kNanosPerSecond},
                {"capacity", 20.0}, {"active", free}, {"idle", 5 - free},
                {"waiting", i < 60 ? 0.0 : (i - 60) * 162.445}, {"acquired", acquired},
                {"busy_total_ms", acquired * 17.388}, {"wait_p99_ms", i < 60 ? 0.1 : (i - 60) * 565.0}};
            (*writer)->record({RecordTable::PoolSample, {}, {}, {}, {}, fields});
        }
    }
    if (const auto finished = (*writer)->finish({}); !finished)
        qFatal("%s", finished.error().toText().c_str());
    writer->reset();
    if (const auto done = analysis::refreshWorkspaceAnalyses(**workspace, analysis::workspaceAnalyses(), {});
        !done)
        qFatal("%s", done.error().toText().c_str());
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(30'000))
        qFatal("the session did not load");
    return session;
}

QString answer(const items::PoolWhatIf &input, const char *name)
{
    for (const items::WhatIfAnswer &each : items::whatIfAnswers(input)) {
        if (each.name == QLatin1String(name))
            return each.text;
    }
    return QStringLiteral("(none)");
}

} // namespace

class TestPoolView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToOpen();
    void saysTheCeiling();
    void configurationAlone();
    void whatIfIsHonest();
    void slidersChangeTheAnswers();
    void byKeyboardAlone();
    void namesAndSql();
    void pictures();
};

void TestPoolView::emptyStateSaysWhatToOpen()
{
    const auto empty = tests::openSession();
    PoolView view(empty.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("HikariCP")));
    QSignalSpy commands(&view, &View::commandRequested);
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
}

void TestPoolView::saysTheCeiling()
{
    const auto session = sample();
    PoolView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.poolTable()->model()->rowCount() == 41);
    QTRY_VERIFY(view.isReady());
    const QString sentence = view.sentenceText();
    QVERIFY2(sentence.contains(QLatin1String("exhausted at max_connections of db1 = 200")),
        qPrintable(sentence));
    QVERIFY2(sentence.contains(
                 QLatin1String("200 connections cannot serve 18,000 requests/s: they carry 11,502/s")),
        qPrintable(sentence));
    const auto cell
        = [&](int column) { return view.poolTable()->model()->index(0, column).data().toString(); };
    QCOMPARE(cell(items::PoolModel::PoolCeiling), QStringLiteral("max_connections of db1"));
    QCOMPARE(cell(items::PoolModel::PoolService), QStringLiteral("17.4 ms"));
    // The plot has the line of the ceiling, by name.
    bool hasCeiling = false;
    for (const PlotSeries &series : view.usePlotView()->content().series)
        hasCeiling = hasCeiling || series.name == QLatin1String("max_connections of db1 = 200");
    QVERIFY(hasCeiling);
    QVERIFY(view.curvePlotView()->content().title.contains(QLatin1String("200")));
    QCOMPARE(view.curvePlotView()->content().series.size(), std::size_t(3));
    // An instance shows its share.
    view.poolTable()->selectRow(1);
    QTRY_VERIFY(
        view.isReady() && view.sentenceText().contains(QLatin1String("its share of max_connections")));
    QVERIFY(session->context()->selection().kind == session::Selection::Kind::Pool);
}

void TestPoolView::configurationAlone()
{
    const auto session = sample(false);
    PoolView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.fleetTable()->model()->rowCount() == 2);
    QCOMPARE(view.tabs()->currentWidget(), static_cast<QWidget *>(view.fleetTable()));
    QCOMPARE(view.fleetTable()->model()->index(0, 7).data().toString(), QStringLiteral("4.0 : 1"));
    QCOMPARE(view.fleetTable()->model()->index(0, 8).data().toString(), QStringLiteral("5 (4, 3)"));
}

void TestPoolView::whatIfIsHonest()
{
    items::PoolWhatIf input;
    input.size = 4;
    input.instances = 40;
    input.serviceMs = 12;
    input.ratePerS = 18'000;
    input.acquireTimeoutMs = 2000;
    input.clientTimeoutMs = 10'000;
    input.serverLimit = 200;
    QCOMPARE(answer(input, "Connections"), QStringLiteral("40 x 4 = 160 against 200 (0.80 : 1)"));
    QCOMPARE(answer(input, "Deficit"),
        QStringLiteral("160 connections cannot serve 18,000 requests/s: 4,667/s (25.9 %) must be refused or "
                       "answered elsewhere"));
    QCOMPARE(answer(input, "Carries at most"), QStringLiteral("13,333/s"));
    QCOMPARE(answer(input, "Answers in time"), QStringLiteral("13,333/s; the others fail fast, after 2 s"));
    input.acquireTimeoutMs = 30'000;
    QVERIFY(answer(input, "Answers in time").startsWith(QLatin1String("0/s")));
    input.serviceMs = 17.388;
    QCOMPARE(answer(input, "Carries at most"), QStringLiteral("9,202/s"));
    QVERIFY(answer(input, "Deficit").contains(QLatin1String("48.9 %")));
    input.size = 20;
    QVERIFY(answer(input, "Connections").contains(QLatin1String("800 against 200 (4.0 : 1)")));
    QCOMPARE(answer(input, "Carries at most"), QStringLiteral("11,502/s")); // the server gives out 200
    input.ratePerS = 2000;
    QCOMPARE(answer(input, "Deficit"), QStringLiteral("none"));
    QVERIFY(answer(input, "Wait P50 / P95 / P99").startsWith(QLatin1String("0")));
    input.serviceMs = 0;
    QCOMPARE(items::whatIfAnswers(input).size(), 1); // a reason, no number
}

void TestPoolView::slidersChangeTheAnswers()
{
    const auto session = sample();
    PoolView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->measured());
    PoolWhatIfPanel *panel = view.whatIfPanel();
    QCOMPARE(panel->box(PoolWhatIfPanel::Size)->value(), 20.0);
    QCOMPARE(panel->box(PoolWhatIfPanel::Instances)->value(), 40.0);
    QVERIFY(qAbs(panel->box(PoolWhatIfPanel::Service)->value() - 17.388) < 0.001);
    const int before = panel->slider(PoolWhatIfPanel::Size)->value();
    panel->box(PoolWhatIfPanel::Size)->setValue(4);
    QVERIFY(panel->slider(PoolWhatIfPanel::Size)->value() < before);
    QCOMPARE(view.model()->whatIf().size, 4.0);
    QVERIFY(panel->answers()->model()->index(0, 1).data().toString().contains(QLatin1String("= 160")));
    panel->slider(PoolWhatIfPanel::Rate)->setValue(0);
    QVERIFY(view.model()->whatIf().ratePerS < 0.2);
    panel->reset();
    QVERIFY(view.model()->whatIf() == *view.model()->measured());
}

void TestPoolView::byKeyboardAlone()
{
    const auto session = sample();
    PoolView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.poolTable()->model()->rowCount() == 41);
    view.poolTable()->setFocus();
    QTest::keyClick(view.poolTable(), Qt::Key_Down);
    QTRY_COMPARE(view.model()->currentId(), qint64(1));
    QTest::keyClick(view.poolTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String("api-1")));
    view.restoreState({{QStringLiteral("tab"), 1}});
    QCOMPARE(view.saveState().value(QStringLiteral("tab")).toInt(), 1);
    QDoubleSpinBox *size = view.whatIfPanel()->box(PoolWhatIfPanel::Size);
    size->setFocus();
    const double was = size->value();
    QTest::keyClick(size, Qt::Key_Up);
    QVERIFY(size->value() > was);
}

void TestPoolView::namesAndSql()
{
    const auto session = sample();
    PoolView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->current());
    for (int tab = 0; tab < view.tabs()->count(); ++tab) {
        view.tabs()->setCurrentIndex(tab);
        QCOMPARE(tests::nameless(view), QStringList());
    }
    QCOMPARE(tests::sqlProblem(*session, view.model()->sql()), QString());
    QCOMPARE(tests::sqlProblem(*session, view.model()->verdictSql()), QString());
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
}

void TestPoolView::pictures()
{
    const auto session = sample();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<PoolView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestPoolView)
#include "tst_poolview.moc"
