// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the timeline says and does around its picture.
#include "tests/widgets/timelinefixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using namespace tailscope::tests;

class TestTimelineView : public QObject, private TimelineFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }

    void emptyStateSaysWhatToDo()
    {
        const auto labels = m_view->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
            [](const QLabel *label) { return label->text().contains(QStringLiteral("Ctrl+O")); }));
    }

    void followsTheSelectionOfOthers()
    {
        showShop();
        m_view->model()->setAllCollapsed(true);
        canvas()->setWindow({0, 5 * kMs}, false);
        const std::uint32_t render = rowNamed(*m_columns, "render");
        m_session->context()->setSelection(
            {session::Selection::Kind::Span, m_columns->id(render), QStringLiteral("render")});
        QTRY_COMPARE(canvas()->selectedRow(), render);
        QVERIFY(!canvas()->spanRect(render).isEmpty());
        m_session->context()->setRange(TimeRange{200 * kMs, 201 * kMs});
        QVERIFY(canvas()->window().length() < 10 * kMs);
        m_session->context()->setSelection({session::Selection::Kind::Span, 424242, {}});
        QTRY_VERIFY(canvas()->selectedRow() == analysis::kNoRow);
    }

    void filtersDimOrHide()
    {
        showShop();
        const QImage all = canvas()->grab().toImage();
        m_session->context()->setFilterText(QStringLiteral("operation=query"));
        QTRY_VERIFY(!m_session->context()->isFilterPending());
        const QImage dimmed = canvas()->grab().toImage();
        QVERIFY(all != dimmed);
        canvas()->setFilterDisplay(FilterDisplay::Hide);
        QVERIFY(canvas()->grab().toImage() != dimmed);
        const QPoint idle = canvas()->spanRect(rowNamed(*m_columns, "idle")).center();
        QVERIFY2(canvas()->hitTest(idle).item.row == analysis::kNoRow,
            "hidden spans are not under the pointer");
        const QPoint query = canvas()->spanRect(rowNamed(*m_columns, "query")).center();
        QCOMPARE(canvas()->hitTest(query).item.row, rowNamed(*m_columns, "query"));
    }

    void searchCountsAndWalks()
    {
        showShop();
        m_view->startSearch();
        auto *bar = m_view->findChild<SearchBar *>();
        auto *edit = bar->findChild<QLineEdit *>();
        QTest::keyClicks(edit, QStringLiteral("an"));
        QTRY_VERIFY2(resultText(bar).startsWith(QStringLiteral("2 spans")), qPrintable(resultText(bar)));
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(selectedName(), QStringLiteral("handle"));
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(selectedName(), QStringLiteral("hang"));
        QTest::keyClick(edit, Qt::Key_Escape);
        QTRY_VERIFY(m_view->isReady());
        QVERIFY(bar->isHidden());
    }

    void notesAreWrittenInPlace()
    {
        showShop();
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Right);
        QTest::keyClick(canvas(), Qt::Key_N);
        auto *editor = m_view->findChild<TimelineNoteEditor *>();
        QVERIFY(editor->isVisible());
        QTest::keyClicks(editor, QStringLiteral("slow here"));
        QTest::keyClick(editor, Qt::Key_Return);
        QVERIFY(!editor->isVisible());
        QCOMPARE(m_session->notes().size(), 1);
        QCOMPARE(m_session->notes()[0].text, QStringLiteral("slow here"));
        QTest::keyClick(canvas(), Qt::Key_N);
        QTest::keyClicks(editor, QStringLiteral("dropped"));
        QTest::keyClick(editor, Qt::Key_Escape);
        QCOMPARE(m_session->notes().size(), 1);
        canvas()->grab();
        const TimelineFrame &frame = canvas()->frame();
        const int x = int(frame.scale().toX(m_session->notes()[0].tsNs));
        const TimelineHit hit
            = canvas()->hitTest(QPoint(std::max(x, frame.headerWidth) + 3, frame.layout.top() - 8));
        QCOMPARE(hit.area, TimelineHit::Area::Marker);
    }

    void bookmarksAreSetAndWalked()
    {
        showShop();
        canvas()->setFocus();
        for (const char *operation : {"handle", "render", "hang"}) {
            canvas()->setSelectedRow(rowNamed(*m_columns, operation), false);
            QTest::keyClick(canvas(), Qt::Key_M);
        }
        QCOMPARE(m_session->notes().size(), 3);
        QCOMPARE(m_session->notes()[1].tsNs, 50 * kMs);
        QVERIFY(m_session->notes()[1].text.isEmpty());
        QCOMPARE(markerLabel(m_session->markers()[1]), QStringLiteral("bookmark"));
        const auto chosen = [this] { return m_session->context()->selection(); };
        // From the middle of the window, which shows 0 to 300 ms.
        QTest::keyClick(canvas(), Qt::Key_BracketLeft);
        QCOMPARE(chosen().kind, session::Selection::Kind::Event);
        QCOMPARE(chosen().id, m_session->notes()[1].id);
        QTest::keyClick(canvas(), Qt::Key_BracketLeft);
        QCOMPARE(chosen().id, m_session->notes()[0].id);
        QTest::keyClick(canvas(), Qt::Key_BracketLeft);
        QCOMPARE(chosen().id, m_session->notes()[0].id);
        canvas()->setWindow({0, 20 * kMs}, false);
        QTest::keyClick(canvas(), Qt::Key_BracketRight);
        QTest::keyClick(canvas(), Qt::Key_BracketRight);
        QCOMPARE(chosen().id, m_session->notes()[2].id);
        QVERIFY2(canvas()->window().contains(250 * kMs), "the window follows");
        // The menu lists them and acts on the chosen one.
        Q_EMIT canvas()->menuRequested(m_view->mapToGlobal(QPoint(10, 10)));
        auto *menu = m_view->findChildren<QMenu *>(QString(), Qt::FindDirectChildrenOnly).last();
        auto *list = menu->findChild<QMenu *>();
        QVERIFY(list);
        QCOMPARE(list->actions().size(), 3);
        list->actions().first()->trigger();
        QCOMPARE(chosen().id, m_session->notes()[0].id);
        delete menu;
        trigger(QStringLiteral("Remove Note"));
        QCOMPARE(m_session->notes().size(), 2);
        m_session->undoStack()->undo();
        QCOMPARE(m_session->notes().size(), 3);
    }

    void dimsAllButTheSelectedOperation()
    {
        showShop();
        const QImage all = canvas()->grab().toImage();
        m_session->context()->setSelection({session::Selection::Kind::Operation, 0, QStringLiteral("query")});
        QTRY_VERIFY(m_view->isReady() && canvas()->grab().toImage() != all);
        const auto colourOf = [&](const char *operation, const QImage &image) {
            const QPoint place = canvas()->spanRect(rowNamed(*m_columns, operation)).bottomLeft();
            return image.pixel(place + QPoint(2, -2));
        };
        const QImage dimmed = canvas()->grab().toImage();
        QCOMPARE(colourOf("query", dimmed), colourOf("query", all));
        QVERIFY(colourOf("render", dimmed) != colourOf("render", all));
        // An operation that is not here dims nothing; Escape takes the selection back.
        m_session->context()->setSelection({session::Selection::Kind::Operation, 0, QStringLiteral("quer.")});
        QTRY_VERIFY(m_view->isReady() && canvas()->grab().toImage() == all);
        m_session->context()->setSelection({session::Selection::Kind::Operation, 0, QStringLiteral("query")});
        QTRY_VERIFY(m_view->isReady() && canvas()->grab().toImage() == dimmed);
        canvas()->setFocus();
        QTest::keyClick(canvas(), Qt::Key_Escape);
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::None);
    }

    void counterTracksAreSelected()
    {
        m_view.reset();
        m_session = openSession(poolSeries());
        m_view = std::make_unique<TimelineView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        QTRY_VERIFY(m_view->isReady() && !m_view->model()->rows().rows.empty());
        const auto &rows = m_view->model()->rows().rows;
        std::size_t at = 0;
        while (at < rows.size() && rows[at].kind != items::TimelineRow::Kind::Series)
            ++at;
        QVERIFY(at < rows.size());
        const qint64 id = rows[at].seriesId;
        const TimelineFrame &frame = canvas()->frame();
        const QPoint inside(frame.headerWidth + 200, frame.yOf({false, at}) + 20);
        QTest::mouseClick(canvas(), Qt::LeftButton, {}, inside);
        QCOMPARE(m_session->context()->selection().kind, session::Selection::Kind::Series);
        QCOMPARE(m_session->context()->selection().id, id);
        // By keyboard, and back from another view.
        m_session->context()->setSelection({});
        canvas()->setFocus();
        canvas()->setFocusedHeader(TimelineRowRef{false, at});
        QTest::keyClick(canvas(), Qt::Key_Return);
        QCOMPARE(m_session->context()->selection().id, id);
        canvas()->setFocusedHeader(std::nullopt);
        m_session->context()->setSelection({});
        m_session->context()->setSelection({session::Selection::Kind::Series, id, {}});
        QCOMPARE(canvas()->focusedHeader(), std::optional(TimelineRowRef{false, at}));
    }

    void commandTellsTheState()
    {
        showShop();
        m_view->setViewId(QStringLiteral("timeline"));
        canvas()->setWindow({10 * kMs, 20 * kMs}, false);
        const QString command = m_view->commandLine();
        QVERIFY2(command.contains(QStringLiteral("--state '{")), qPrintable(command));
        QVERIFY2(command.contains(QStringLiteral("\"begin\":\"10000000\"")), qPrintable(command));
    }

    void menuActsOnTheSpan()
    {
        showShop();
        canvas()->setSelectedRow(rowNamed(*m_columns, "query"), true);
        trigger(QStringLiteral("Select Range of Span"));
        QCOMPARE(m_session->context()->range(), std::optional(TimeRange{10 * kMs, 40 * kMs}));
        trigger(QStringLiteral("Copy Details"));
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("duration_ns\t30000000")));
        trigger(QStringLiteral("Pin Track"));
        QCOMPARE(m_view->model()->rows().pinned.size(), std::size_t(1));
        trigger(QStringLiteral("Unpin Track"));
        QSignalSpy sql(m_view.get(), &View::sqlRequested);
        trigger(QStringLiteral("Show SQL"));
        QVERIFY(sql.takeFirst().at(0).toString().contains(QStringLiteral("FROM span")));
        trigger(QStringLiteral("Filter to Operation"));
        QVERIFY(m_session->context()->filterText().contains(QStringLiteral("query")));
        trigger(QStringLiteral("Hide Track"));
        QCOMPARE(m_view->model()->rows().hidden, 1);
        trigger(QStringLiteral("Show Hidden (1)"));
        QCOMPARE(m_view->model()->rows().hidden, 0);
    }

    void showSqlRuns()
    {
        showShop();
        auto database = m_session->workspace().connectReader();
        QVERIFY(database);
        m_session->context()->setFilterText(QStringLiteral("duration>1ms"));
        auto statement = database->prepare(m_view->showSql().toStdString());
        QVERIFY2(statement, statement ? "" : statement.error().toText().c_str());
        QVERIFY(statement->step());
    }

    void saysWhichClocksAreNotAligned()
    {
        auto workspace = store::Workspace::temporary();
        QVERIFY(workspace);
        for (const char *path : {"first.json", "second.json"}) {
            auto writer = store::BulkWriter::create(**workspace, {path, "test", std::nullopt}, {});
            QVERIFY(writer);
            SourceInfo info;
            info.clock = ClockKind::Relative;
            (*writer)->setSource(info);
            QVERIFY((*writer)->finish({}));
        }
        m_view.reset();
        m_session = std::make_unique<session::Session>(std::move(*workspace));
        m_view = std::make_unique<TimelineView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        m_session->reload();
        QTRY_COMPARE(m_session->sources().size(), 2);
        QTRY_VERIFY(m_view->isReady());
        tests::SpanFixture fixture;
        fixture.span(fixture.track("a", "", "", "", m_session->sources()[0].id), 0, "x", 1000 * kMs,
            50 * kMs);
        fixture.span(fixture.track("b", "", "", "", m_session->sources()[1].id), 0, "y", 5, 50 * kMs);
        m_columns = fixture.build();
        give(*m_session, m_columns);
        const auto labels = m_view->findChildren<ElidedLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const ElidedLabel *label) {
            return label->isVisible()
                && label->text().contains(QStringLiteral("second.json is relative: not aligned"));
        }));
        QCOMPARE(m_view->model()->range(), (TimeRange{1000 * kMs, 1050 * kMs}));
        const QRect moved = canvas()->spanRect(rowNamed(*m_columns, "y"));
        QVERIFY(!moved.isEmpty());
        QCOMPARE(moved.left(), canvas()->spanRect(rowNamed(*m_columns, "x")).left());
        QCOMPARE(canvas()->hitTest(moved.center()).item.row, rowNamed(*m_columns, "y"));
    }

    void remembersItsState()
    {
        showShop();
        canvas()->setWindow({10 * kMs, 20 * kMs}, false);
        m_view->model()->setPinned(QStringLiteral("track/100"), true);
        const QJsonObject state = m_view->saveState();
        TimelineView other(m_session.get());
        other.restoreState(state);
        QCOMPARE(other.canvas()->window(), (TimeRange{10 * kMs, 20 * kMs}));
        QCOMPARE(other.model()->rows().pinned.size(), std::size_t(1));
        other.restoreState(
            QJsonObject{{QStringLiteral("begin"), QStringLiteral("x")}, {QStringLiteral("header"), -5}});
    }

    void overviewComesBeforeTheSpans()
    {
        auto overview = std::make_shared<analysis::OverviewPyramid>();
        overview->range = {0, 300 * kMs};
        overview->tracks.push_back(
            {100, "main", 5, std::vector<float>(analysis::OverviewPyramid::kBins, 0.5F), {}});
        m_session->context()->setFullRange(overview->range);
        m_session->context()->setOverview(overview);
        QVERIFY(canvas()->isVisible());
        QCOMPARE(m_view->model()->rows().rows[0].kind, items::TimelineRow::Kind::Density);
        QVERIFY(colours(canvas()->grab().toImage()) > 4);
        showShop();
        QCOMPARE(m_view->model()->rows().rows[0].kind, items::TimelineRow::Kind::Group);
    }

    void exportsPictures()
    {
        showShop();
        QTemporaryDir folder;
        for (const char *name : {"timeline.png", "timeline.svg"}) {
            const QString path = folder.filePath(QString::fromLatin1(name));
            QCOMPARE(m_view->exportPicture(path), QString());
            QVERIFY(QFileInfo(path).size() > 1000);
        }
        QFile svg(folder.filePath(QStringLiteral("timeline.svg")));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QVERIFY(svg.readAll().contains("handle"));
    }
};

QTEST_MAIN(TestTimelineView)
#include "tst_timelineview.moc"
