// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamediffview.h"

#include "tests/widgets/profilefiles.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamescene.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QToolButton>
#include <QTreeView>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;
using items::FlameDiffModel;
using items::FlameDiffTable;

class TestFlameDiffView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void comparesTwoProfiles();
    void coloursAndMarks();
    void tableByChange();
    void scales();
    void refusesOtherUnits();
    void spansAgainstTheBaseline();
    void swapsSides();
    void keyboardAlone();
    void remembersItsState();
    void modelIsSound();
    void pictures();

private:
    void open(const tests::Files &files)
    {
        m_view.reset();
        m_session = tests::openSession(files);
        m_view = std::make_unique<FlameDiffView>(m_session.get());
        m_view->resize(1000, 600);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
        m_suggested = m_view->model()->scale();
        m_view->model()->setScale(FlameDiffModel::Scale::None);
        QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    }
    std::uint32_t frame(const char *name) const
    {
        const auto difference = m_view->model()->difference();
        const auto &tree = *difference->diff->tree;
        for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
            if (tree.names[tree.nodes[i].name] == name)
                return i;
        }
        return FlameScene::kNothing;
    }
    QString cell(int row, int column) const
    {
        return m_view->table()->model()->index(row, column).data().toString();
    }
    bool says(const QString &text) const
    {
        const auto labels = m_view->findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(),
            [&](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
    }
    QComboBox *box(const char *name) const
    {
        for (QComboBox *box : m_view->findChildren<QComboBox *>()) {
            if (box->accessibleName() == QLatin1String(name))
                return box;
        }
        return nullptr;
    }

    FlameDiffModel::Scale m_suggested = FlameDiffModel::Scale::None;
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<FlameDiffView> m_view;
};

void TestFlameDiffView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(says(QStringLiteral("Ctrl+O")));
    open(tests::oneProfile());
    QVERIFY(!m_view->canvas()->isVisible());
    open(tests::orderTraces(4));
    QVERIFY(says(QStringLiteral("baseline")));
}

void TestFlameDiffView::comparesTwoProfiles()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    const auto difference = m_view->model()->difference();
    QCOMPARE(difference->beforeTotal, 100.0);
    QCOMPARE(difference->afterTotal, 150.0);
    const FlameFigures figures = m_view->canvas()->scene()->figures(frame("parse"));
    QVERIFY(figures.sides.has_value());
    QCOMPARE(figures.sides->before.total, 50.0);
    QCOMPARE(figures.sides->after.total, 90.0);
    m_view->canvas()->setFocusedFrame(frame("parse"), true);
    const QString said = m_view->canvas()->accessibleValue();
    QVERIFY2(said.contains(QStringLiteral("total +40 samples (+80 %)")), qPrintable(said));
    // Fewer than 1,000 samples: said before anybody believes it.
    QVERIFY(says(QStringLiteral("fewer than 1,000 samples")));
    QVERIFY(tests::sqlProblem(*m_session, m_view->showSql()).isEmpty());
}

void TestFlameDiffView::coloursAndMarks()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    const FlameScene &scene = *m_view->canvas()->scene();
    using Presence = FlameScene::Presence;
    QCOMPARE(scene.presence(frame("write")), Presence::OnlyBefore);
    QCOMPARE(scene.presence(frame("zip")), Presence::OnlyAfter);
    QCOMPARE(scene.presence(frame("idle")), Presence::Both);
    QCOMPARE(scene.tone(frame("write")), -1.0);
    QCOMPARE(scene.tone(frame("zip")), 1.0);
    QCOMPARE(scene.tone(frame("idle")), 0.0);
    QVERIFY(scene.tone(frame("parse")) > 0.4 && scene.tone(frame("parse")) < 0.5);
    // Gone frames are still drawn.
    QVERIFY(m_view->canvas()->frameRect(frame("write")).width() > 100);
    // Of own weight parse grew from 10 to 60.
    box("Colour")->setCurrentIndex(1);
    QVERIFY(std::abs(scene.tone(frame("parse")) - 50.0 / 60) < 1e-9);
    // Blue for less, orange for more, in both themes.
    for (const bool dark : {false, true}) {
        QPalette palette = QGuiApplication::palette();
        palette.setColor(QPalette::Base, dark ? QColor(0x17, 0x1a, 0x1e) : QColor(Qt::white));
        palette.setColor(QPalette::Text, dark ? QColor(Qt::white) : QColor(Qt::black));
        const Theme theme(palette);
        QVERIFY(theme.diverging(-1).blue() > theme.diverging(-1).red());
        QVERIFY(theme.diverging(1).red() > theme.diverging(1).blue());
        QVERIFY(std::abs(theme.diverging(0).red() - theme.diverging(0).blue()) < 12);
    }
}

void TestFlameDiffView::tableByChange()
{
    open(tests::twoProfiles());
    QTRY_COMPARE(m_view->table()->model()->rowCount(), 6);
    // |+50| parse and zip, then |-40| write; read fell by 10.
    QCOMPARE(cell(2, FlameDiffTable::Function), QStringLiteral("write"));
    QCOMPARE(cell(2, FlameDiffTable::Change), QStringLiteral("−40 samples"));
    QCOMPARE(cell(2, FlameDiffTable::ChangeShare), QStringLiteral("gone"));
    QCOMPARE(cell(3, FlameDiffTable::Function), QStringLiteral("read"));
    QCOMPARE(cell(3, FlameDiffTable::ChangeShare), QStringLiteral("−25 %"));
}

void TestFlameDiffView::scales()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    // How long was recorded is unknown: only shares can be compared.
    QCOMPARE(m_suggested, FlameDiffModel::Scale::Total);
    QComboBox *scale = box("Scale");
    QVERIFY(scale);
    scale->setCurrentIndex(2);
    Q_EMIT scale->activated(2);
    QTRY_VERIFY(m_view->isReady() && m_view->model()->difference());
    QTRY_COMPARE(m_view->model()->difference()->diff->scale, 100.0 / 150);
    QVERIFY(std::abs(m_view->model()->difference()->diff->totalDelta(0)) < 1e-9);
    // Unknown durations are not scaled by.
    QVERIFY(!m_view->model()->canScaleByDuration());
    const analysis::RecordingFacts ten{"samples", "cpu", "on_cpu", 5000, 5000, 0, 10'000'000'000};
    analysis::RecordingFacts thirty = ten;
    thirty.duration = 30'000'000'000;
    QCOMPARE(FlameDiffModel::suggestedScale(ten, thirty), FlameDiffModel::Scale::Duration);
    QCOMPARE(FlameDiffModel::suggestedScale(ten, ten), FlameDiffModel::Scale::None);
    thirty.period = 5;
    analysis::RecordingFacts slower = ten;
    slower.period = 10;
    QCOMPARE(FlameDiffModel::suggestedScale(slower, thirty), FlameDiffModel::Scale::Total);
    analysis::RecordingFacts heap = ten;
    heap.unit = "bytes";
    heap.weight = 1;
    analysis::RecordingFacts grown = heap;
    grown.weight = 100;
    QCOMPARE(FlameDiffModel::suggestedScale(heap, grown), FlameDiffModel::Scale::None);
}

void TestFlameDiffView::refusesOtherUnits()
{
    tests::Files files = tests::oneProfile();
    files += tests::timedProfile();
    open(files);
    const auto &profiles = m_view->model()->profiles();
    QVERIFY(profiles.size() >= 2);
    QVERIFY(profiles.front().unit != profiles.back().unit);
    m_view->model()->setSides(profiles.front().id, profiles.back().id);
    QTRY_VERIFY(m_view->isReady() && m_view->model()->isRefused());
    QVERIFY(!m_view->canvas()->isVisible());
    QVERIFY(says(QStringLiteral("cannot be compared")));
}

void TestFlameDiffView::spansAgainstTheBaseline()
{
    open(tests::orderTraces(8));
    session::Baseline baseline;
    baseline.filterText = QStringLiteral("status!=error");
    m_session->context()->setBaseline(baseline);
    QTRY_VERIFY(m_view->isReady() && m_view->canvas()->scene());
    const auto difference = m_view->model()->difference();
    // 6 of 8 requests are no errors; the query is one of 30 ms in all eight.
    QCOMPARE(difference->diff->after[frame("POST /order")].count, 8);
    QCOMPARE(difference->diff->before[frame("POST /order")].count, 6);
    baseline.sourceId = 12345;
    m_session->context()->setBaseline(baseline);
    QTRY_VERIFY(m_view->isReady());
    QTRY_COMPARE(m_view->model()->difference()->beforeTotal, 0.0);
    m_session->context()->setBaseline(std::nullopt);
    QTRY_VERIFY(m_view->isReady() && !m_view->canvas()->scene());
}

void TestFlameDiffView::swapsSides()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    for (QToolButton *button : m_view->findChildren<QToolButton *>()) {
        if (button->accessibleName() == QLatin1String("Swap before and after"))
            button->click();
    }
    QTRY_VERIFY(m_view->isReady() && m_view->model()->difference());
    QTRY_COMPARE(m_view->model()->difference()->beforeTotal, 150.0);
    QCOMPARE(m_view->canvas()->scene()->presence(frame("write")), FlameScene::Presence::OnlyAfter);
}

void TestFlameDiffView::keyboardAlone()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    m_view->canvas()->setFocus();
    QTest::keyClick(m_view->canvas(), Qt::Key_Down);
    QTest::keyClick(m_view->canvas(), Qt::Key_Down);
    QTest::keyClick(m_view->canvas(), Qt::Key_Return);
    QVERIFY(m_view->canvas()->isZoomed());
    QTest::keyClick(m_view->canvas(), Qt::Key_Home);
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QTest::keyClick(m_view->table(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("self_before")));
    const QImage before = m_view->canvas()->grab().toImage();
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QVERIFY(m_view->canvas()->grab().toImage() != before); // marked
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(m_view->canvas()->grab().toImage(), before); // and not
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestFlameDiffView::remembersItsState()
{
    open(tests::twoProfiles());
    QTRY_VERIFY(m_view->canvas()->scene());
    box("After")->setCurrentIndex(0);
    Q_EMIT box("After")->activated(0);
    box("Colour")->setCurrentIndex(1);
    QTRY_VERIFY(m_view->isReady());
    FlameDiffView other(m_session.get());
    other.restoreState(m_view->saveState());
    other.show();
    QTRY_VERIFY(other.isReady() && other.model()->difference());
    QCOMPARE(other.model()->before(), m_view->model()->before());
    QCOMPARE(other.model()->after(), m_view->model()->after());
    other.restoreState(QJsonObject{{QStringLiteral("mode"), 99}, {QStringLiteral("before"), 7}});
}

void TestFlameDiffView::modelIsSound()
{
    const auto session = tests::openSession(tests::twoProfiles());
    FlameDiffModel model(session.get());
    FlameDiffTable table;
    QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setActive(true);
    QTRY_VERIFY(model.suggestion().has_value());
    model.setSides(model.suggestion()->first, model.suggestion()->second);
    QTRY_VERIFY(model.difference());
    table.setDifference(model.difference());
    QCOMPARE(table.rowCount(), 6);
    QVERIFY(!table.entry(99) && !table.entry(-1));
    // Of amounts the growth comes first, so what fell is last.
    table.setSigned(true);
    double least = 0;
    for (int row = 0; row < table.rowCount(); ++row)
        least = std::min(least,
            table.index(row, FlameDiffTable::Change).data(FlameDiffTable::SortRole).toDouble());
    QCOMPARE(least, -40.0);
}

void TestFlameDiffView::pictures()
{
    const auto session = tests::openSession(tests::twoProfiles());
    const QString problem
        = tests::pictureProblem([&] { return std::make_unique<FlameDiffView>(session.get()); });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

QTEST_MAIN(TestFlameDiffView)
#include "tst_flamediffview.moc"
