// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/serverlog/serverlogview.h"

#include "base/text.h"
#include "items/serverlogmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHeaderView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using items::LogLineTable;
using items::LogPatternTable;
using items::ServerLogModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

QList<int> selectedRows(const QTableView *table)
{
    QList<int> rows;
    for (const QModelIndex &index : table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

} // namespace

ServerLogView::ServerLogView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new ServerLogModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_note(new ElidedLabel(this))
    , m_kind(new QComboBox(this))
    , m_severity(new QComboBox(this))
    , m_search(new SearchBar(this))
    , m_plot(new PlotView(session->context(), this))
    , m_patterns(new QTableView(this))
    , m_lines(new QTableView(this))
    , m_record(new QPlainTextEdit(this))
{
    setAccessibleName(tr("Server Log"));
    buildLayout();
    connectAll();
    setFocusProxy(m_patterns);
    refresh();
}

QWidget *ServerLogView::buildBar()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    m_kind->setAccessibleName(tr("Kind of line"));
    m_kind->setToolTip(tr("Show only lines of this kind: slow statements, temporary files, checkpoints, …"));
    m_severity->setAccessibleName(tr("Severity"));
    m_severity->setToolTip(tr("Show only lines of this severity, as the server wrote it"));
    for (QComboBox *box : {m_kind, m_severity}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        layout->addWidget(box);
    }
    layout->addWidget(m_note, 1);
    return bar;
}

void ServerLogView::setUpTable(QTableView *table, const QString &name)
{
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setAccessibleName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    auto *copy = new QAction(tr("Copy Rows"), table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this, table] { copyRows(table == m_patterns); });
    table->addAction(copy);
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, position); });
}

void ServerLogView::buildLayout()
{
    m_patterns->setModel(m_model->patterns());
    m_patterns->setItemDelegate(
        new BarDelegate(LogPatternTable::BarRole, LogPatternTable::LevelRole, m_patterns));
    setUpTable(m_patterns, tr("Patterns of the lines"));
    m_patterns->setSelectionMode(QAbstractItemView::SingleSelection);
    m_lines->setModel(m_model->lines());
    m_lines->setItemDelegate(new BarDelegate(LogLineTable::BarRole, LogLineTable::LevelRole, m_lines));
    setUpTable(m_lines, tr("Lines of the chosen pattern"));
    m_record->setReadOnly(true);
    m_record->setFrameShape(QFrame::NoFrame);
    m_record->setAccessibleName(tr("The chosen line in full"));
    m_record->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_record->setTabChangesFocus(true);
    m_record->setPlaceholderText(tr("Choose a line to read it in full."));

    auto *lower = new QSplitter(Qt::Horizontal, this);
    lower->addWidget(m_lines);
    lower->addWidget(m_record);
    lower->setSizes({720, 380});
    auto *splitter = new QSplitter(Qt::Vertical, this);
    for (QWidget *part :
        {static_cast<QWidget *>(m_plot), static_cast<QWidget *>(m_patterns), static_cast<QWidget *>(lower)})
        splitter->addWidget(part);
    splitter->setSizes({220, 220, 300});
    for (QSplitter *each : {lower, splitter})
        each->setChildrenCollapsible(false);

    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    m_search->hide();
    layout->addWidget(m_search);
    layout->addWidget(splitter, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void ServerLogView::connectAll()
{
    connect(m_model, &ServerLogModel::changed, this, &ServerLogView::refresh);
    connect(m_model, &ServerLogModel::busyChanged, this, &View::readyChanged);
    connect(m_model, &ServerLogModel::recordChanged, this, &ServerLogView::showRecord);
    connect(m_model->lines(), &LogLineTable::listed, this, &ServerLogView::updateNote);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto overview = m_model->overview();
        if (overview && overview->all > 0)
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_filling)
            m_model->setKind(m_kind->currentData().toString().toStdString());
    });
    connect(m_severity, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_filling)
            m_model->setSeverity(m_severity->currentData().toString().toStdString());
    });
    connect(m_search, &SearchBar::changed, this, [this] { m_model->setSearch(m_search->text()); });
    connect(m_search, &SearchBar::closed, this, [this] {
        m_model->setSearch({});
        m_patterns->setFocus();
    });
    connect(m_patterns->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &ServerLogView::pickPattern);
    connect(m_lines->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &ServerLogView::pickLine);
    // A new list has no current row, and says so by no other signal.
    connect(m_model->lines(), &QAbstractItemModel::modelReset, this, &ServerLogView::pickLine);
    connect(m_patterns, &QTableView::activated, this, &ServerLogView::selectTimeOfPattern);
    connect(m_plot, &PlotView::rangeSelected, this, [this](double low, double high) {
        const auto overview = m_model->overview();
        if (!overview)
            return;
        const Nanos origin = overview->histogram.range.begin;
        context()->setRange(TimeRange{saturatingAdd(origin, Nanos(std::floor(low))),
            saturatingAdd(origin, Nanos(std::ceil(high)))});
    });
    connect(m_plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(m_plot, &PlotView::readoutChanged, this, &View::statusText);
    connect(context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        m_patterns->viewport()->update();
        m_lines->viewport()->update();
    });
    // Sorting starts once everything is wired: it asks for the lines in their order.
    m_patterns->horizontalHeader()->setSortIndicator(LogPatternTable::Lines, Qt::DescendingOrder);
    m_patterns->setSortingEnabled(true);
    m_lines->horizontalHeader()->setSortIndicator(LogLineTable::Time, Qt::DescendingOrder);
    m_lines->setSortingEnabled(true);
}

QString ServerLogView::showSql() const
{
    return m_model->filter().pattern ? m_model->lines()->sql() : m_model->sql();
}

QJsonObject ServerLogView::saveState() const
{
    return {{QStringLiteral("kind"), m_kind->currentData().toString()},
        {QStringLiteral("severity"), m_severity->currentData().toString()}};
}

void ServerLogView::restoreState(const QJsonObject &state)
{
    m_model->setKind(state.value(QStringLiteral("kind")).toString().toStdString());
    m_model->setSeverity(state.value(QStringLiteral("severity")).toString().toStdString());
}

bool ServerLogView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void ServerLogView::startSearch() { m_search->activate(); }

QString ServerLogView::recordText() const { return m_record->toPlainText(); }

void ServerLogView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void ServerLogView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void ServerLogView::fillBox(QComboBox *box, const QString &all, bool kinds)
{
    const auto overview = m_model->overview();
    const items::LogFilter &filter = m_model->filter();
    const QString chosen = fromUtf8(kinds ? filter.kind : filter.severity);
    m_filling = true;
    box->clear();
    box->addItem(all, QString());
    for (const auto &[name, n] : kinds ? overview->kinds : overview->severities)
        box->addItem(tr("%1 (%2)").arg(kinds ? items::logKindText(name) : fromUtf8(name), count(n)),
            fromUtf8(name));
    int at = box->findData(chosen);
    if (at < 0) {
        box->addItem(tr("%1 (0)").arg(kinds ? items::logKindText(chosen.toStdString()) : chosen), chosen);
        at = box->count() - 1;
    }
    box->setCurrentIndex(at);
    m_filling = false;
}

void ServerLogView::refresh()
{
    const auto overview = m_model->overview();
    const bool filtered = !m_model->filter().kind.empty() || !m_model->filter().severity.empty()
        || !m_model->filter().search.isEmpty();
    if (!overview || (overview->lines == 0 && !filtered)) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    fillBox(m_kind, tr("All kinds"), true);
    fillBox(m_severity, tr("All severities"), false);
    showHistogram();
    updateNote();
    if (m_fitted)
        return;
    m_fitted = true;
    const int time
        = fontMetrics().horizontalAdvance(QStringLiteral("2026-03-02 12:00:00.123456789 UTC")) + 16;
    const int word = fontMetrics().horizontalAdvance(QStringLiteral("slow statement")) + 24;
    QHeaderView *header = m_patterns->horizontalHeader();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(LogPatternTable::Pattern, QHeaderView::Stretch);
    for (const auto &[column, width] :
        {std::pair<int, int>{LogPatternTable::Kind, word}, {LogPatternTable::Severity, word},
            {LogPatternTable::Lines, word}, {LogPatternTable::First, time}, {LogPatternTable::Last, time},
            {LogPatternTable::TotalTime, word}, {LogPatternTable::Longest, word}})
        m_patterns->setColumnWidth(column, width);
    for (const auto &[column, width] : {std::pair<int, int>{LogLineTable::Time, time},
             {LogLineTable::Duration, word}, {LogLineTable::Severity, word},
             {LogLineTable::Pid, 2 * word / 3}, {LogLineTable::User, 2 * word / 3},
             {LogLineTable::Database, 2 * word / 3}, {LogLineTable::Message, 3 * word}})
        m_lines->setColumnWidth(column, width);
}

void ServerLogView::showEmpty()
{
    const auto overview = m_model->overview();
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Log Could Not Be Read"),
            m_model->errorText());
    else if (!overview)
        m_empty->setContent(QStringLiteral("report"), tr("Reading the Log…"),
            tr("The patterns appear when all lines are counted."));
    else if (overview->all == 0)
        m_empty->setContent(QStringLiteral("report"), tr("No Server Log"),
            tr("Open a log of PostgreSQL (stderr, csvlog or jsonlog). What is worth logging: "
               "log_min_duration_statement,"
               " log_checkpoints, log_temp_files, log_autovacuum_min_duration, log_lock_waits."),
            tr("Open Files…"));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("No Line in This Range"),
            tr("The log has %1 lines, none of them in the chosen time.").arg(count(overview->all)),
            tr("Show All Times"));
}

void ServerLogView::updateNote()
{
    const auto overview = m_model->overview();
    if (!overview)
        return;
    QStringList parts{tr("%1 of %2 lines").arg(count(overview->lines), count(overview->all)),
        overview->cut
            ? tr("the %1 most frequent patterns").arg(count(std::int64_t(overview->patterns.size())))
            : tr("%1 patterns").arg(count(std::int64_t(overview->patterns.size())))};
    if (m_model->filter().pattern)
        parts << tr("%1 lines of the chosen pattern").arg(count(m_model->lines()->rowCount()));
    if (overview->histogram.without > 0)
        parts << tr("%1 without a time").arg(count(overview->histogram.without));
    if (context()->range())
        parts << tr("in the chosen range");
    m_note->setText(parts.join(QStringLiteral(" · ")));
}

void ServerLogView::showHistogram()
{
    const items::LogHistogram &histogram = m_model->overview()->histogram;
    PlotContent content;
    content.title = tr("Lines over time");
    content.selectable = true;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    content.x.origin = histogram.range.begin;
    content.y.unit = PlotUnit::Count;
    content.y.title = tr("Lines");
    content.y.low = 0;
    int color = 0;
    for (const items::LogHistogram::Class &each : histogram.classes) {
        PlotSeries series;
        series.name = items::logKindText(each.name);
        series.colorIndex = color++;
        const double width
            = double(histogram.range.length()) / double(std::max<std::size_t>(1, each.counts.size()));
        for (std::size_t i = 0; i < each.counts.size(); ++i) {
            series.x.push_back((double(i) + 0.5) * width);
            series.y.push_back(double(each.counts[i]));
        }
        content.series.push_back(std::move(series));
    }
    m_plot->setContent(std::move(content));
}

void ServerLogView::showRecord()
{
    QString text;
    for (const auto &[name, value] : m_model->record()) {
        if (name == "ts_ns" || name == "offset_seconds")
            continue;
        const QString shown = fromUtf8(value);
        text += shown.contains(QLatin1Char('\n')) || shown.size() > 80
            ? QStringLiteral("%1:\n  %2\n")
                  .arg(fromUtf8(name), QString(shown).replace(QLatin1Char('\n'), QStringLiteral("\n  ")))
            : QStringLiteral("%1: %2\n").arg(fromUtf8(name), shown);
    }
    const auto number = [this](const char *wanted) {
        for (const auto &[name, value] : m_model->record()) {
            if (name == wanted)
                return fromUtf8(value).toLongLong();
        }
        return 0LL;
    };
    if (number("ts_ns") != 0)
        text.prepend(tr("time: %1\n")
                         .arg(items::logTimeText(number("ts_ns"), std::int32_t(number("offset_seconds")))));
    m_record->setPlainText(text);
}

void ServerLogView::pickPattern()
{
    const QModelIndexList rows = m_patterns->selectionModel()->selectedRows();
    if (rows.isEmpty())
        m_model->choosePattern(std::nullopt);
    else
        m_model->choosePattern(m_model->patterns()->pattern(rows.first().row()));
}

void ServerLogView::pickLine()
{
    const QModelIndex index = m_lines->currentIndex();
    m_model->chooseLine(index.isValid() ? m_model->lines()->idAt(index.row()) : 0);
}

void ServerLogView::selectTimeOfPattern()
{
    const QModelIndex index = m_patterns->currentIndex();
    if (!index.isValid())
        return;
    const items::LogPattern &pattern = m_model->patterns()->pattern(index.row());
    if (pattern.first && pattern.last)
        context()->setRange(TimeRange{*pattern.first, *pattern.last + 1});
}

void ServerLogView::copyRows(bool patterns)
{
    QTableView *table = patterns ? m_patterns : m_lines;
    QList<int> rows = selectedRows(table);
    if (rows.isEmpty()) {
        for (int row = 0; row < std::min(table->model()->rowCount(), 1000); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(
        patterns ? m_model->patterns()->toText(rows) : m_model->lines()->toText(rows));
}

void ServerLogView::showMenu(QTableView *table, const QPoint &position)
{
    const bool patterns = table == m_patterns;
    const bool hasRow = table->currentIndex().isValid();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (patterns) {
        menu->addAction(tr("&Narrow to Its Time"), this, &ServerLogView::selectTimeOfPattern)
            ->setEnabled(hasRow);
        menu->addAction(tr("Show Lines of &All Patterns"), m_patterns, &QTableView::clearSelection)
            ->setEnabled(hasRow);
    } else {
        menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy the Line in &Full"), this,
                [this] { QApplication::clipboard()->setText(recordText()); })
            ->setEnabled(!recordText().isEmpty());
    }
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
        [this, patterns] { copyRows(patterns); });
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this, patterns] { Q_EMIT sqlRequested(patterns ? m_model->sql() : m_model->lines()->sql()); });
    menu->popup(table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
