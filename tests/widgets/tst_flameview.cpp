// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the flame graph says and does, by mouse and keyboard.
#include "tests/widgets/flamefixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using namespace tailscope::tests;

class TestFlameView : public QObject, private FlameFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }

    void emptyStateSaysWhatToDo()
    {
        QVERIFY(m_view->canvas()->isHidden() || !m_view->canvas()->isVisible());
        const auto labels = m_view->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
            [](const QLabel *label) { return label->text().contains(QStringLiteral("Ctrl+O")); }));
        QVERIFY(!m_view->showSql().isEmpty());
    }

    void paintsSpans()
    {
        showShop();
        const QImage picture = m_view->canvas()->grab().toImage();
        QVERIFY(colours(picture) > 6);
        QCOMPARE(m_view->canvas()->scene()->rowCount(), 4);
    }

    void walksByKeyboard()
    {
        showShop();
        FlameCanvas *canvas = m_view->canvas();
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Down);
        QCOMPARE(focusedName(*canvas), QStringLiteral("all"));
        QTest::keyClick(canvas, Qt::Key_Down);
        QCOMPARE(focusedName(*canvas), QStringLiteral("handle"));
        QTest::keyClick(canvas, Qt::Key_Right);
        QCOMPARE(focusedName(*canvas), QStringLiteral("idle"));
        QTest::keyClick(canvas, Qt::Key_Left);
        QTest::keyClick(canvas, Qt::Key_Down);
        QCOMPARE(focusedName(*canvas), QStringLiteral("query"));
        QTest::keyClick(canvas, Qt::Key_Right);
        QTest::keyClick(canvas, Qt::Key_Down);
        QCOMPARE(focusedName(*canvas), QStringLiteral("escape"));
        QTest::keyClick(canvas, Qt::Key_Up);
        QCOMPARE(focusedName(*canvas), QStringLiteral("render"));
        QTest::keyClick(canvas, Qt::Key_Return);
        QVERIFY(canvas->isZoomed());
        QVERIFY(std::abs(canvas->high() - canvas->low() - 1e8) < 1);
        QCOMPARE(m_session->context()->selection().text, QStringLiteral("render"));
        QVERIFY(!m_view->findChild<FlameBreadcrumb *>()->isHidden());
        QTest::keyClick(canvas, Qt::Key_Backspace);
        QVERIFY(!canvas->isZoomed());
        QTest::keyClick(canvas, Qt::Key_W);
        QVERIFY(canvas->isZoomed());
        QTest::keyClick(canvas, Qt::Key_Home);
        QVERIFY(!canvas->isZoomed());
    }

    void saysTheFocusedFrame()
    {
        showShop();
        FlameCanvas *canvas = m_view->canvas();
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Down);
        QTest::keyClick(canvas, Qt::Key_Down);
        QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(canvas);
        QVERIFY(interface);
        QCOMPARE(interface->text(QAccessible::Name), QStringLiteral("Flame graph"));
        const QString value = interface->text(QAccessible::Value);
        QVERIFY2(value.contains(QStringLiteral("handle")) && value.contains(QStringLiteral("1 s")),
            qPrintable(value));
        for (const QWidget *child : m_view->findChildren<QWidget *>()) {
            if (qobject_cast<const QComboBox *>(child) || qobject_cast<const QToolButton *>(child))
                QVERIFY2(!child->accessibleName().isEmpty() || child->parent() != m_view.get(),
                    qPrintable(child->objectName()));
        }
    }

    void clickZoomsAndBreadcrumbGoesBack()
    {
        showShop();
        FlameCanvas *canvas = m_view->canvas();
        const std::uint32_t query = frameNamed(QStringLiteral("query"));
        QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->frameRect(query).center());
        QVERIFY(canvas->isZoomed());
        QCOMPARE(canvas->zoomedFrame(), query);
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::Operation);
        auto *path = m_view->findChild<FlameBreadcrumb *>();
        Q_EMIT path->stepClicked(0);
        QVERIFY(!canvas->isZoomed());
        canvas->zoomToFrame(query);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, QPoint(20, canvas->frameRect(0).center().y()));
        QVERIFY(!canvas->isZoomed());
    }

    void wheelZoomsAtThePointer()
    {
        showShop();
        FlameCanvas *canvas = m_view->canvas();
        const QPointF at(300, 30);
        const double before = canvas->low() + at.x() / canvas->width() * (canvas->high() - canvas->low());
        QWheelEvent event(at, canvas->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::ControlModifier,
            Qt::NoScrollPhase, false);
        QApplication::sendEvent(canvas, &event);
        const double after = canvas->low() + at.x() / canvas->width() * (canvas->high() - canvas->low());
        QVERIFY(canvas->isZoomed());
        QVERIFY(std::abs(after - before) < 0.01 * (canvas->high() - canvas->low()));
    }

    void searchCountsAndWalks()
    {
        showShop();
        m_view->startSearch();
        auto *bar = m_view->findChild<SearchBar *>();
        auto *edit = bar->findChild<QLineEdit *>();
        QTest::keyClicks(edit, QStringLiteral("e"));
        // handle, query, render, escape, idle
        QTRY_VERIFY(resultText(bar).startsWith(QStringLiteral("5 matches, 100 %")));
        edit->setText(QStringLiteral("query"));
        QTRY_VERIFY2(resultText(bar).startsWith(QStringLiteral("1 match, 50 %")),
            qPrintable(resultText(bar)));
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(focusedName(*m_view->canvas()), QStringLiteral("query"));
        edit->setText(QStringLiteral("nothing like it"));
        QTRY_VERIFY(resultText(bar).startsWith(QStringLiteral("0 matches")));
        QTest::keyClick(edit, Qt::Key_Return);
    }

    void menuFiltersAndCopies()
    {
        showShop();
        FlameCanvas *canvas = m_view->canvas();
        canvas->setFocusedFrame(frameNamed(QStringLiteral("query")), true);
        QSignalSpy sql(m_view.get(), &View::sqlRequested);
        QSignalSpy open(m_view.get(), &View::openViewRequested);
        trigger(QStringLiteral("Copy Stack"));
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("handle;query"));
        trigger(QStringLiteral("Copy Row as TSV"));
        QVERIFY(QApplication::clipboard()->text().contains(
            QStringLiteral("query\t\t600000000\t600000000\tns\t2")));
        trigger(QStringLiteral("Show SQL"));
        QCOMPARE(sql.count(), 1);
        trigger(QStringLiteral("Show in Timeline"));
        QCOMPARE(open.takeFirst().at(0).toString(), QStringLiteral("timeline"));
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::Span);
        QCOMPARE(m_session->context()->selection().id, qint64(1001));
        trigger(QStringLiteral("Filter to This Operation"));
        QVERIFY(m_session->context()->filterText().contains(QStringLiteral("query")));
        QTRY_VERIFY(m_view->isReady());
        QTRY_COMPARE(m_view->canvas()->scene()->rowCount(), 2);
    }

    void keepsThePlaceWhenTheFilterChanges()
    {
        showShop();
        m_view->canvas()->zoomToFrame(frameNamed(QStringLiteral("render")));
        m_session->context()->setFilterText(QStringLiteral("duration>60ms"));
        QTRY_VERIFY(m_view->isReady() && !m_session->context()->isFilterPending());
        QTRY_COMPARE(frameNamed(QStringLiteral("escape")), FlameScene::kNothing);
        QVERIFY(m_view->canvas()->isZoomed());
        QCOMPARE(m_view->canvas()->scene()->figures(m_view->canvas()->zoomedFrame()).name,
            QStringLiteral("render"));
        m_session->context()->setFilterText(QStringLiteral("duration>60s"));
        QTRY_VERIFY(m_view->isReady() && !m_view->canvas()->scene());
        m_session->context()->resetNavigation();
        QTRY_VERIFY(m_view->canvas()->scene());
    }

    void drawsATrackOverTime()
    {
        showShop();
        m_view->setMode(FlameView::Mode::TimeOrdered);
        FlameCanvas *canvas = m_view->canvas();
        QVERIFY(canvas->scene() && canvas->scene()->isTimeAxis());
        QVERIFY(colours(canvas->grab().toImage()) > 6);
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Down);
        QCOMPARE(focusedName(*canvas), QStringLiteral("handle"));
        QTest::keyClick(canvas, Qt::Key_Down);
        QTest::keyClick(canvas, Qt::Key_Right);
        QCOMPARE(focusedName(*canvas), QStringLiteral("query"));
        QTest::keyClick(canvas, Qt::Key_Return);
        QVERIFY(canvas->isZoomed());
        QCOMPARE(m_session->context()->selection().id, qint64(1002));
        QVERIFY(m_view->showSql().contains(QStringLiteral("track_id = 100")));
        m_view->startSearch();
        auto *bar = m_view->findChild<SearchBar *>();
        bar->findChild<QLineEdit *>()->setText(QStringLiteral("escape"));
        QTRY_VERIFY2(resultText(bar).startsWith(QStringLiteral("1 match, ")), qPrintable(resultText(bar)));
        QTest::keyClick(bar->findChild<QLineEdit *>(), Qt::Key_Return);
        QTRY_COMPARE(focusedName(*canvas), QStringLiteral("escape"));
        m_view->setMode(FlameView::Mode::Callers);
        QTRY_VERIFY(m_view->isReady() && canvas->scene() && !canvas->scene()->isTimeAxis());
    }

    void previewsWhileSpansLoad()
    {
        auto overview = std::make_shared<analysis::OverviewPyramid>();
        overview->range = {0, 1'000'000};
        overview->tracks.push_back(
            {1, "main", 5, std::vector<float>(analysis::OverviewPyramid::kBins, 0.5F), {}});
        m_session->context()->setOverview(overview);
        QTRY_VERIFY(m_view->canvas()->scene());
        QVERIFY(m_view->canvas()->wording().isPreview);
        QVERIFY(!m_view->canvas()->scene()->figures(1).isSelfKnown);
        showShop();
        QVERIFY(!m_view->canvas()->wording().isPreview);
    }

    void remembersItsState()
    {
        showShop();
        m_view->setMode(FlameView::Mode::Callers);
        m_view->viewActions().first()->setChecked(true);
        const QJsonObject state = m_view->saveState();
        FlameView other(m_session.get());
        other.restoreState(state);
        QCOMPARE(other.mode(), FlameView::Mode::Callers);
        QVERIFY(other.canvas()->isUpward());
        other.restoreState(QJsonObject{{QStringLiteral("colour"), 99}, {QStringLiteral("mode"), 3}});
    }

    void rangeNarrowsTheTrackOverTime()
    {
        showShop();
        m_view->setMode(FlameView::Mode::TimeOrdered);
        FlameCanvas *canvas = m_view->canvas();
        QVERIFY(!canvas->isZoomed());
        const QRgb before = canvas->grab().toImage().pixel(canvas->frameRect(rowNamed("idle")).center());
        m_session->context()->setRange(TimeRange{500'000'000, 700'000'000});
        QVERIFY(canvas->isZoomed());
        QVERIFY(canvas->low() <= 500e6 && canvas->low() > 400e6);
        QVERIFY(canvas->high() >= 700e6 && canvas->high() < 800e6);
        // What lies outside is greyed when one looks at all of it.
        canvas->resetZoom();
        const QImage picture = canvas->grab().toImage();
        QVERIFY(picture.pixel(canvas->frameRect(rowNamed("idle")).center()) != before);
        // A new scene of the track keeps to the range; without a range all is seen.
        m_view->setMode(FlameView::Mode::Merged);
        m_view->setMode(FlameView::Mode::TimeOrdered);
        QVERIFY(canvas->isZoomed());
        m_session->context()->setRange(std::nullopt);
        QVERIFY(!canvas->isZoomed());
        for (const QComboBox *box : m_view->findChildren<QComboBox *>()) {
            if (box->accessibleName() == QLatin1String("Mode"))
                QVERIFY(box->itemData(2, Qt::ToolTipRole).toString().contains(QStringLiteral("time stamps")));
        }
    }

    void commandTellsTheState()
    {
        showShop();
        m_view->setViewId(QStringLiteral("flame"));
        m_view->setMode(FlameView::Mode::Callers);
        QTRY_VERIFY(m_view->isReady());
        const std::uint32_t query = frameNamed(QStringLiteral("query"));
        QVERIFY(query != FlameScene::kNothing);
        m_view->canvas()->zoomToFrame(query);
        const QString command = m_view->commandLine();
        QVERIFY2(command.contains(QStringLiteral("--view flame")), qPrintable(command));
        QVERIFY2(command.contains(QStringLiteral("\"mode\":\"callers\"")), qPrintable(command));
        // The state draws the same place again.
        FlameView other(m_session.get());
        other.restoreState(m_view->saveState());
        other.resize(900, 400);
        other.show();
        QTRY_VERIFY(other.isReady() && other.canvas()->isZoomed());
        QCOMPARE(other.canvas()->scene()->figures(other.canvas()->zoomedFrame()).name,
            QStringLiteral("query"));
    }

    void exportsPictures()
    {
        showShop();
        QTemporaryDir folder;
        for (const char *name : {"flame.png", "flame.svg"}) {
            const QString path = folder.filePath(QString::fromLatin1(name));
            QCOMPARE(m_view->exportPicture(path), QString());
            QVERIFY(QFileInfo(path).size() > 1000);
        }
        QFile svg(folder.filePath(QStringLiteral("flame.svg")));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QVERIFY(svg.readAll().contains("handle"));
    }
};

QTEST_MAIN(TestFlameView)
#include "tst_flameview.moc"
