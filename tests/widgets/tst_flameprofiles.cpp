// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Profiles in the flame graph: steps of narrowing, threads, samples over time.
#include "widgets/flame/flameview.h"

#include "tests/widgets/flamefixture.h"
#include "tests/widgets/profilefiles.h"
#include "widgets/base/emptystate.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamesamplescene.h"
#include "widgets/flame/flametransforms.h"
#include "widgets/flame/flametreescene.h"

#include <QComboBox>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace tailscope;
using namespace tailscope::widgets;

class TestFlameProfiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keysNarrowTheTree_data();
    void keysNarrowTheTree();
    void stepsAreUndone();
    void chipsTakeStepsOut();
    void stepsAreStored();
    void nothingLeftSaysSo();
    void invertedPathsAreEnds();
    void samplesOverTime();
    void samplesWithoutTimes();
    void searchOverTime();
    void aMillionSamplesStayFluid();
    void profilesAreAddedUp();
    void opensTheSource();
    void pictures();

private:
    void open(const tests::Files &files)
    {
        m_view.reset();
        m_session = tests::openSession(files);
        m_view = std::make_unique<FlameView>(m_session.get());
        m_view->resize(900, 400);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
        QTRY_VERIFY(m_view->canvas()->scene());
    }
    void focus(const char *name)
    {
        QTRY_VERIFY(m_view->isReady());
        const auto *scene = dynamic_cast<const FlameTreeScene *>(m_view->canvas()->scene());
        QVERIFY(scene);
        for (std::uint32_t i = 1; i < scene->tree().size(); ++i) {
            if (scene->figures(i).name == QLatin1String(name)) {
                m_view->canvas()->setFocusedFrame(i, true);
                return;
            }
        }
        QFAIL(name);
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        m_view->canvas()->setFocus();
        QTest::keyClick(m_view->canvas(), key, modifiers);
        QTRY_VERIFY(m_view->isReady());
    }
    double total() const { return m_view->model()->topDown()->nodes.front().total; }
    QString names() const
    {
        QStringList all;
        const auto tree = m_view->model()->topDown();
        for (std::size_t i = 1; i < tree->nodes.size(); ++i)
            all << QString::fromStdString(tree->names[tree->nodes[i].name]);
        all.sort();
        return all.join(QLatin1Char(' '));
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<FlameView> m_view;
};

void TestFlameProfiles::keysNarrowTheTree_data()
{
    QTest::addColumn<QString>("frame");
    QTest::addColumn<int>("key");
    QTest::addColumn<bool>("shift");
    QTest::addColumn<double>("total");
    QTest::addColumn<QString>("names");
    QTest::newRow("focus") << "parse" << int(Qt::Key_F) << false << 50.0 << "parse parse read read";
    QTest::newRow("focus path") << "write" << int(Qt::Key_F) << true << 40.0 << "write";
    QTest::newRow("focus self") << "parse" << int(Qt::Key_S) << true << 10.0 << "main parse";
    QTest::newRow("merge") << "parse" << int(Qt::Key_M) << false << 100.0 << "idle main read write";
    QTest::newRow("merge node") << "write" << int(Qt::Key_M) << true << 100.0
                                << "idle main parse parse read read";
    QTest::newRow("drop") << "parse" << int(Qt::Key_D) << false << 50.0 << "idle main write";
    QTest::newRow("collapse") << "parse" << int(Qt::Key_C) << false << 100.0 << "idle main parse write";
    QTest::newRow("recursion") << "parse" << int(Qt::Key_R) << false << 100.0 << "idle main parse read write";
    QTest::newRow("direct recursion")
        << "parse" << int(Qt::Key_R) << true << 100.0 << "idle main parse read write";
}

void TestFlameProfiles::keysNarrowTheTree()
{
    QFETCH(QString, frame);
    QFETCH(int, key);
    QFETCH(bool, shift);
    QFETCH(double, total);
    QFETCH(QString, names);
    open(tests::oneProfile());
    focus(frame.toLatin1().constData());
    press(Qt::Key(key), shift ? Qt::ShiftModifier : Qt::NoModifier);
    QCOMPARE(m_view->model()->transforms().size(), std::size_t(1));
    QTRY_COMPARE(this->names(), names);
    QCOMPARE(this->total(), total);
    auto *steps = m_view->findChild<FlameTransforms *>();
    QVERIFY(steps && steps->isVisible());
    // How much of everything is left.
    bool saysShare = false;
    for (const QLabel *label : steps->findChildren<QLabel *>())
        saysShare = saysShare || label->text().contains(QStringLiteral("100 samples"));
    QVERIFY(saysShare);
}

void TestFlameProfiles::stepsAreUndone()
{
    open(tests::oneProfile());
    focus("parse");
    press(Qt::Key_F);
    focus("read");
    press(Qt::Key_D);
    QTRY_COMPARE(total(), 10.0);
    m_session->undoStack()->undo();
    QTRY_VERIFY(m_view->isReady());
    QTRY_COMPARE(total(), 50.0);
    m_session->undoStack()->undo();
    QTRY_COMPARE(total(), 100.0);
    QVERIFY(!m_view->findChild<FlameTransforms *>()->isVisible());
    m_session->undoStack()->redo();
    QTRY_COMPARE(total(), 50.0);
    // A view that is gone leaves commands that do nothing.
    m_view.reset();
    m_session->undoStack()->undo();
}

void TestFlameProfiles::chipsTakeStepsOut()
{
    open(tests::oneProfile());
    focus("parse");
    press(Qt::Key_F);
    focus("read");
    press(Qt::Key_M);
    QTRY_COMPARE(names(), QStringLiteral("parse parse"));
    auto *steps = m_view->findChild<FlameTransforms *>();
    QList<QToolButton *> chips;
    for (QToolButton *button : steps->findChildren<QToolButton *>()) {
        if (button->text().contains(QStringLiteral("✕")))
            chips << button;
    }
    QCOMPARE(chips.size(), 2);
    QVERIFY(chips[0]->text().startsWith(QStringLiteral("Focused on parse")));
    QVERIFY(chips[0]->accessibleName().contains(QStringLiteral("take out")));
    chips[0]->setFocus();
    QTest::keyClick(chips[0], Qt::Key_Space);
    QTRY_COMPARE(names(), QStringLiteral("idle main parse parse write"));
}

void TestFlameProfiles::stepsAreStored()
{
    open(tests::oneProfile());
    focus("parse");
    press(Qt::Key_F);
    focus("read");
    press(Qt::Key_F, Qt::ShiftModifier);
    QTRY_VERIFY(total() < 50);
    const QJsonObject state = m_view->saveState();
    FlameView other(m_session.get());
    other.restoreState(state);
    other.show();
    QTRY_VERIFY(other.isReady() && other.canvas()->scene());
    QVERIFY(other.model()->transforms() == m_view->model()->transforms());
    QCOMPARE(other.model()->topDown()->nodes.front().total, total());
    // Nonsense in a stored state is left out.
    other.restoreState(QJsonObject{{QStringLiteral("transforms"),
        QJsonArray{QJsonObject{{QStringLiteral("kind"), QStringLiteral("explode")}}, 7}}});
    QVERIFY(other.model()->transforms().empty());
}

void TestFlameProfiles::nothingLeftSaysSo()
{
    open(tests::oneProfile());
    m_view->model()->setTransforms({{analysis::TreeTransform::Kind::FocusFunction, {"nowhere", ""}, {}}});
    QTRY_VERIFY(m_view->isReady() && !m_view->canvas()->scene());
    auto *button = m_view->findChild<EmptyState *>()->findChild<QPushButton *>();
    QVERIFY(button && button->isVisible());
    button->click();
    QTRY_VERIFY(m_view->canvas()->scene());
}

void TestFlameProfiles::invertedPathsAreEnds()
{
    open(tests::oneProfile());
    m_view->setMode(FlameView::Mode::Callers);
    QTRY_VERIFY(m_view->isReady());
    // read < parse < main: what parse spent in read.
    const auto *scene = dynamic_cast<const FlameTreeScene *>(m_view->canvas()->scene());
    QVERIFY(scene);
    for (std::uint32_t i = 1; i < scene->tree().size(); ++i) {
        if (scene->stack(i) == QStringList{QStringLiteral("read"), QStringLiteral("parse")})
            m_view->canvas()->setFocusedFrame(i, true);
    }
    press(Qt::Key_F, Qt::ShiftModifier);
    QTRY_COMPARE(total(), 40.0);
    QCOMPARE(names(), QStringLiteral("main parse parse"));
}

void TestFlameProfiles::samplesOverTime()
{
    open(tests::timedProfile());
    m_view->setMode(FlameView::Mode::TimeOrdered);
    QTRY_VERIFY(m_view->isReady() && m_view->canvas()->scene());
    const auto *scene = dynamic_cast<const FlameSampleScene *>(m_view->canvas()->scene());
    QVERIFY(scene);
    QVERIFY(scene->isTimeAxis());
    const auto &lanes = scene->lanes();
    QCOMPARE(lanes.sampleCount, 6);
    QCOMPARE(lanes.interval, Nanos(1'000'000));
    // main twice (a gap of a second between), then work and rest below.
    int main = 0;
    for (std::uint32_t box = 0; box < lanes.node.size(); ++box)
        main += scene->figures(box).name == QLatin1String("main") ? 1 : 0;
    QCOMPARE(main, 2);
    m_view->canvas()->setFocus();
    QTest::keyClick(m_view->canvas(), Qt::Key_Down);
    QTest::keyClick(m_view->canvas(), Qt::Key_Down);
    QVERIFY(m_view->canvas()->focusedFrame() != FlameScene::kNothing);
    QVERIFY(m_view->canvas()->accessibleValue().contains(QStringLiteral("samples")));
    QVERIFY(tests::colours(m_view->canvas()->grab().toImage()) > 4);
    QVERIFY(tests::sqlProblem(*m_session, m_view->showSql()).isEmpty());
    QVERIFY(m_view->showSql().contains(QStringLiteral("ts_ns")));
    // The range of the session narrows the merged tree to the samples inside.
    const TimeRange first{lanes.range.begin, lanes.range.begin + 10'000'000};
    m_session->context()->setRange(first);
    m_view->setMode(FlameView::Mode::Merged);
    QTRY_VERIFY(m_view->isReady());
    QTRY_VERIFY(names().contains(QStringLiteral("work")));
    const auto tree = m_view->model()->topDown();
    std::int64_t samples = 0;
    for (const auto &node : tree->nodes)
        samples += node.count;
    QCOMPARE(samples, 4);
}

void TestFlameProfiles::samplesWithoutTimes()
{
    open(tests::oneProfile());
    m_view->setMode(FlameView::Mode::TimeOrdered);
    QTRY_VERIFY(m_view->isReady() && !m_view->canvas()->scene());
    const auto labels = m_view->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
        [](const QLabel *label) { return label->text().contains(QStringLiteral("no times")); }));
    m_view->setMode(FlameView::Mode::Merged);
    QTRY_VERIFY(m_view->canvas()->scene());
}

void TestFlameProfiles::searchOverTime()
{
    open(tests::timedProfile());
    m_view->setMode(FlameView::Mode::TimeOrdered);
    QTRY_VERIFY(m_view->canvas()->scene());
    auto scene = dynamic_cast<FlameSampleScene *>(m_view->canvas()->scene());
    QVERIFY(scene);
    scene->setSearch(QRegularExpression(QStringLiteral("main")));
    QCOMPARE(scene->matchCount(), 2);
    const std::uint32_t first = scene->nextMatch(FlameScene::kNothing, true);
    const std::uint32_t second = scene->nextMatch(first, true);
    QVERIFY(first != second);
    QCOMPARE(scene->nextMatch(second, true), first); // around
    QCOMPARE(scene->nextMatch(first, false), second);
    scene->setSearch({});
    QCOMPARE(scene->nextMatch(first, true), FlameScene::kNothing);
}

void TestFlameProfiles::aMillionSamplesStayFluid()
{
    // Four rows of a million boxes each: no two neighbours share a frame.
    constexpr int kRows = 4, kSamples = 1'000'000;
    auto tree = std::make_shared<analysis::CallTree>();
    tree->names = {"all", "f", "g"};
    tree->groups = {""};
    tree->nodes.resize(3);
    tree->nodes[1].name = 1;
    tree->nodes[2].name = 2;
    auto lanes = std::make_shared<analysis::SampleLanes>();
    for (int row = 0; row < kRows; ++row) {
        for (int i = 0; i < kSamples; ++i) {
            lanes->begin.push_back(Nanos(i) * 1000);
            lanes->end.push_back(Nanos(i) * 1000 + (i % 10'000 == 0 ? 500 : 1000));
            lanes->node.push_back(1 + std::uint32_t(i % 2));
            lanes->samples.push_back(1);
        }
        lanes->rowEnds.push_back(std::uint32_t(lanes->begin.size()));
    }
    lanes->tree = tree;
    lanes->range = {0, Nanos(kSamples) * 1000};
    lanes->interval = 1000;
    lanes->sampleCount = kSamples;
    FlameSampleScene scene(lanes);
    std::vector<double> frames;
    for (int frame = 0; frame < 60; ++frame) {
        // From everything down to a few samples, panned a little each time.
        const double length = scene.extent() / std::pow(1.25, frame);
        const double low = (scene.extent() - length) * 0.37;
        const double begin = tests::threadMilliseconds();
        scene.layOut(low, low + length, 1600, 0, kRows);
        frames.push_back(tests::threadMilliseconds() - begin);
        for (int row = 0; row < kRows; ++row) {
            QVERIFY(scene.row(row).size() <= 3300);
            QVERIFY(!scene.row(row).empty());
        }
    }
    std::sort(frames.begin(), frames.end());
    qInfo("median %.2f ms, slowest %.2f ms", frames[30], frames.back());
    QVERIFY2(frames[30] <= 8 && frames.back() <= 3 * 16, qPrintable(QString::number(frames.back())));
}

void TestFlameProfiles::profilesAreAddedUp()
{
    open(tests::twoProfiles());
    QCOMPARE(m_view->model()->profiles().size(), std::size_t(2));
    QToolButton *merge = nullptr;
    for (QToolButton *button : m_view->findChildren<QToolButton *>()) {
        if (button->accessibleName() == QLatin1String("Add profiles"))
            merge = button;
    }
    QVERIFY(merge && merge->isVisible());
    Q_EMIT merge->menu()->aboutToShow();
    QAction *second = nullptr;
    for (QAction *action : merge->menu()->actions())
        second = action->isCheckable() ? action : second;
    QVERIFY(second);
    second->setChecked(true);
    QTRY_COMPARE(total(), 250.0);
    // Of another unit nothing is added.
    m_view->model()->setMerged({99});
    QTRY_COMPARE(total(), 100.0);
}

void TestFlameProfiles::opensTheSource()
{
    open(tests::timedProfile());
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    m_view->model()->locate(QStringLiteral("work"), QString());
    QSignalSpy located(m_view->model(), &items::FlameModel::located);
    QTRY_COMPARE(located.size(), 1);
    const QString place = located[0][0].toString();
    if (!place.isEmpty()) {
        QCOMPARE(commands.size(), 1);
        QCOMPARE(commands[0][0].toString(), QStringLiteral("open-source"));
        QVERIFY2(place.endsWith(QStringLiteral("app.js:10")), qPrintable(place));
    }
    m_view->model()->locate(QStringLiteral("nowhere"), QString());
    QTRY_COMPARE(located.size(), 2);
    QVERIFY(located[1][0].toString().isEmpty());
}

void TestFlameProfiles::pictures()
{
    const auto session = tests::openSession(tests::oneProfile());
    const QString problem = tests::pictureProblem([&] {
        auto view = std::make_unique<FlameView>(session.get());
        view->restoreState(QJsonObject{{QStringLiteral("transforms"),
            transformsToJson({{analysis::TreeTransform::Kind::FocusFunction, {"parse", ""}, {}}})}});
        return view;
    });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

QTEST_MAIN(TestFlameProfiles)
#include "tst_flameprofiles.moc"
