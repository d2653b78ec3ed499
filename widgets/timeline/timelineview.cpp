// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelineview.h"

#include "base/text.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/timeline/timelinecanvas.h"
#include "widgets/timeline/timelinedetails.h"
#include "widgets/timeline/timelinenoteeditor.h"
#include "widgets/timeline/timelineseries.h"

#include <QAction>
#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

namespace {

QComboBox *makeCombo(QWidget *parent, const QString &name, const QString &tip, const QStringList &entries)
{
    auto *box = new QComboBox(parent);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    box->addItems(entries);
    return box;
}

} // namespace

TimelineView::TimelineView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new items::TimelineModel(session, this))
    , m_spanSearch(new items::SpanSearch(context(), this))
    , m_operationSearch(new items::SpanSearch(context(), this))
    , m_arrows(new items::SpanArrows(session, this))
    , m_lookup(session->jobs())
    , m_search(new SearchBar(this))
    , m_banner(new Banner(this))
    , m_clockNote(new ElidedLabel(this))
    , m_details(new ElidedLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_canvas(new TimelineCanvas(m_model, session, this))
    , m_empty(new EmptyState(this))
    , m_noteEditor(new TimelineNoteEditor(m_canvas))
{
    setAccessibleName(tr("Timeline"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildActions();
    buildToolBar(layout);
    layout->addWidget(m_search);
    layout->addWidget(m_banner);
    layout->addWidget(m_clockNote);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    m_search->hide();
    m_clockNote->hide();
    m_details->setAccessibleDescription(tr("Exact values of what is under the pointer or selected"));
    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_empty);
    setFocusProxy(m_canvas);
    connectAll();
    followSelection();
    updateClockNote();
    updateEmptyState();
    updateEmphasis();
    updateReady();
}

TimelineView::~TimelineView() = default;

void TimelineView::buildActions()
{
    const auto add = [this](const QString &text, const char *icon, const auto &run) {
        auto *action = new QAction(icon ? themedIcon(QString::fromLatin1(icon)) : QIcon(), text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    add(tr("&Fit"), "fit", [this] {
        m_canvas->fitSelection();
    })->setToolTip(tr("Fit the selected span, the range, or everything (F)"));
    add(tr("&Back"), "back", [this] {
        m_canvas->zoomBack();
    })->setToolTip(tr("Back to the window before (Backspace)"));
    add(tr("&Collapse All"), nullptr, [this] { m_model->setAllCollapsed(true); });
    add(tr("&Expand All"), nullptr, [this] { m_model->setAllCollapsed(false); });
    m_hideFiltered = add(tr("&Hide What the Filter Leaves Out"), nullptr, [] {});
    m_hideFiltered->setCheckable(true);
    connect(m_hideFiltered, &QAction::toggled, m_canvas, [this](bool hide) {
        m_canvas->setFilterDisplay(hide ? FilterDisplay::Hide : FilterDisplay::Dim);
        updateEmphasis();
    });
    m_showSeries = add(tr("Show Co&unters"), nullptr, [] {});
    m_showSeries->setCheckable(true);
    m_showSeries->setChecked(true);
    connect(m_showSeries, &QAction::toggled, m_model, &items::TimelineModel::setShowSeries);
    add(tr("Show &Hidden Tracks"), nullptr, [this] { m_model->showHidden(); });
    add(tr("&Export Picture…"), "export", [this] { exportWithDialog(); });
}

void TimelineView::buildToolBar(QBoxLayout *layout)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(4, 3, 4, 3);
    bar->setSpacing(4);
    m_sort = makeCombo(this, tr("Sort tracks"), tr("Order of the tracks"),
        {tr("File Order"), tr("Name"), tr("Busiest")});
    m_sort->setItemData(2, tr("Sum of the self times of its spans"), Qt::ToolTipRole);
    m_colour = makeCombo(this, tr("Colour"), tr("What the colour of a span stands for"),
        {tr("Operation"), tr("Service")});
    bar->addWidget(new QLabel(tr("Sort"), this));
    bar->addWidget(m_sort);
    bar->addWidget(new QLabel(tr("Colour"), this));
    bar->addWidget(m_colour);
    bar->addStretch();
    const auto button = [this, bar](QAction *action) {
        auto *tool = new QToolButton(this);
        tool->setDefaultAction(action);
        tool->setAccessibleName(action->text().remove(QLatin1Char('&')));
        tool->setAutoRaise(true);
        bar->addWidget(tool);
    };
    button(m_actions[1]);
    button(m_actions[0]);
    auto *find = new QAction(themedIcon(QStringLiteral("search")), tr("Search"), this);
    find->setToolTip(tr("Search operations (Ctrl+F)"));
    connect(find, &QAction::triggered, this, &TimelineView::startSearch);
    button(find);
    layout->addLayout(bar);
    connect(m_sort, &QComboBox::currentIndexChanged, m_model,
        [this](int index) { m_model->setSort(items::TrackSort(index)); });
    connect(m_colour, &QComboBox::currentIndexChanged, m_canvas,
        [this](int index) { m_canvas->setColour(TimelineColour(index)); });
}

void TimelineView::connectAll()
{
    connect(m_model, &items::TimelineModel::rowsChanged, this, [this] {
        updateClockNote();
        updateEmptyState();
        updateReady();
    });
    connect(m_model, &items::TimelineModel::busyChanged, this, &TimelineView::updateReady);
    connect(m_model->series(), &items::SeriesData::pictureChanged, m_canvas, &TimelineCanvas::refreshContent);
    connect(m_spanSearch, &items::SpanSearch::changed, this, [this] {
        updateEmphasis();
        updateSearchText();
        updateReady();
    });
    connect(m_arrows, &items::SpanArrows::changed, this, [this] {
        m_canvas->setArrows(m_arrows->arrows());
        if (m_arrows->isTruncated())
            Q_EMIT statusText(
                tr("Only the first %1 links of the span are drawn.").arg(items::SpanArrows::kMaxArrows));
    });
    connect(m_operationSearch, &items::SpanSearch::changed, this, [this] {
        updateEmphasis();
        updateReady();
    });
    connect(m_spanSearch, &items::SpanSearch::found, this, [this](quint32 row) {
        m_canvas->setSelectedRow(row, true);
        selectSpan(row);
    });
    const session::SessionContext *shared = context();
    connect(shared, &session::SessionContext::dataChanged, this, [this] {
        updateEmphasis();
        followSelection();
        updateReady();
    });
    connect(shared, &session::SessionContext::filterChanged, this, [this] {
        updateEmphasis();
        updateReady();
    });
    connect(shared, &session::SessionContext::rangeChanged, this, &TimelineView::followRange);
    connect(shared, &session::SessionContext::selectionChanged, this, &TimelineView::followSelection);
    connect(shared, &session::SessionContext::timeDisplayChanged, m_canvas, &TimelineCanvas::refreshContent);
    // Labels of markers take height: the whole layout may move.
    connect(session(), &session::Session::markersChanged, m_canvas, &TimelineCanvas::reload);
    connect(session(), &session::Session::streamingChanged, this, &TimelineView::updateEmptyState);
    connect(session(), &session::Session::sourcesChanged, this, &TimelineView::updateEmptyState);
    connect(session(), &session::Session::loaded, this, [this] {
        updateEmptyState();
        updateReady();
    });
    connect(m_canvas, &TimelineCanvas::hoverChanged, this, &TimelineView::updateDetails);
    connect(m_canvas, &TimelineCanvas::spanSelected, this, &TimelineView::selectSpan);
    connect(m_canvas, &TimelineCanvas::markerClicked, this, &TimelineView::selectMarker);
    connect(m_canvas, &TimelineCanvas::rangeSelected, this, &TimelineView::selectRange);
    connect(m_canvas, &TimelineCanvas::menuRequested, this, &TimelineView::openMenu);
    connect(m_canvas, &TimelineCanvas::noteRequested, this, &TimelineView::startNote);
    connect(m_canvas, &TimelineCanvas::bookmarkRequested, this, &TimelineView::addBookmark);
    connect(m_canvas, &TimelineCanvas::markerStepRequested, this, &TimelineView::stepMarker);
    connect(m_canvas, &TimelineCanvas::seriesClicked, this, &TimelineView::selectSeries);
    connect(m_noteEditor, &TimelineNoteEditor::accepted, this, &TimelineView::keepNote);
    connect(m_search, &SearchBar::changed, this, [this] {
        m_spanSearch->setExpression(
            m_search->text().isEmpty() ? QRegularExpression() : m_search->expression());
        updateSearchText();
    });
    const auto step = [this](bool forward) {
        m_spanSearch->step(m_canvas->selectedRow(), m_canvas->window().begin, forward);
    };
    connect(m_search, &SearchBar::nextRequested, this, [step] { step(true); });
    connect(m_search, &SearchBar::previousRequested, this, [step] { step(false); });
    connect(m_search, &SearchBar::closed, this, [this] { m_canvas->setFocus(); });
}

void TimelineView::updateEmphasis()
{
    // What the user searches for here wins; the operation that another view points at stands out of the rest,
    // but only the filter takes spans out of the picture.
    const auto matches = m_spanSearch->matches();
    const auto pointed = m_operationSearch->matches();
    if (m_spanSearch->isActive() && matches)
        m_canvas->setEmphasis(matches->rows);
    else if (m_operationSearch->isActive() && pointed && pointed->count > 0 && !m_hideFiltered->isChecked())
        m_canvas->setEmphasis(pointed->rows);
    else
        m_canvas->setEmphasis(context()->filterBitmap());
}

void TimelineView::updateClockNote()
{
    QStringList notes;
    for (const QString &name : m_model->unalignedSources().mid(0, 3))
        notes << tr("The clock of %1 is relative: not aligned with the others, drawn from their begin.")
                     .arg(name);
    if (m_model->unalignedSources().size() > 3)
        notes << tr("%1 more sources are not aligned.").arg(m_model->unalignedSources().size() - 3);
    for (const QString &name : m_model->leftOutSources().mid(0, 3))
        notes << tr("%1 is not drawn: its clock is relative and not aligned with the others.").arg(name);
    const bool isPreview = !context()->columns() && !m_model->rows().rows.empty();
    if (isPreview)
        notes << tr("Preview from the stored overview while spans load.");
    m_clockNote->setText(notes.join(QLatin1Char(' ')));
    m_clockNote->setVisible(!notes.isEmpty());
}

void TimelineView::updateEmptyState()
{
    const items::TimelineRows &rows = m_model->rows();
    const bool hasRows = !rows.rows.empty() || !rows.pinned.empty() || rows.hidden > 0;
    const bool hasMarkers = !session()->markers().isEmpty();
    const bool isDrawable = (hasRows || hasMarkers) && !m_canvas->limits().isEmpty();
    m_stack->setCurrentWidget(isDrawable ? static_cast<QWidget *>(m_canvas) : m_empty);
    if (isDrawable)
        return;
    const QString icon = QStringLiteral("timeline");
    const store::StreamingAggregate streaming = session()->streamingAggregate();
    if (streaming.spans > 0) {
        m_empty->setContent(icon, tr("Reading spans…"),
            tr("%1 spans so far. The tracks appear when the file is read.")
                .arg(QString::fromStdString(groupedCount(streaming.spans))));
    } else if (session()->isLoading()) {
        m_empty->setContent(icon, tr("Loading spans…"),
            tr("The tracks appear here as soon as they are loaded."));
    } else if (session()->sources().isEmpty()) {
        m_empty->setContent(icon, tr("No tracks yet"),
            tr("Open a trace or metrics with Ctrl+O, or drop files on the window."));
    } else {
        m_empty->setContent(icon, tr("Nothing with a time in this workspace"),
            tr("The open sources hold no spans, series or events. Add a trace (OTLP, Chrome) or a "
               "series (CSV) with Ctrl+O."));
    }
}

void TimelineView::updateDetails()
{
    const TimelineHit &hit = m_canvas->hovered();
    const auto columns = context()->columns();
    QString text;
    if (const auto dragged = m_canvas->draggedRange()) {
        text = tr("%1 from %2 to %3")
                   .arg(QString::fromStdString(exactDuration(dragged->length())),
                       context()->timeText(dragged->begin), context()->timeText(dragged->end));
    } else if (hit.area == TimelineHit::Area::Lane && columns && hit.item.row < columns->size()) {
        const Nanos shift = m_model->shiftOf(columns->track[hit.item.row]);
        text = hit.item.count > 1 ? foldedToolTip(*columns, hit.item)
                                  : spanLine(*columns, hit.item.row, *context(), shift);
    } else if (hit.area == TimelineHit::Area::Series && hit.row) {
        const items::TimelineRow &row = m_canvas->frame().row(*hit.row);
        const TimelineFrame &frame = m_canvas->frame();
        const Nanos step = TimelineTiles::stepOf(TimelineTiles::levelFor(frame.nanosPerPixel()));
        const TimeRange window{saturatingSub(frame.window.begin, row.shift),
            saturatingSub(frame.window.end, row.shift)};
        const items::SeriesPicture *picture = m_model->series()->picture(row.seriesId, window, step);
        const items::SeriesInfo *info = m_model->series()->info(row.seriesId);
        const auto point = picture
            ? nearestPoint(*picture, saturatingSub(hit.time, row.shift), Nanos(40 * frame.nanosPerPixel()))
            : std::nullopt;
        if (info)
            text = point ? pointLine(*info, *point, *context(), row.shift) : row.title;
    } else if (columns && m_canvas->selectedRow() < columns->size()) {
        const std::uint32_t row = m_canvas->selectedRow();
        text = spanLine(*columns, row, *context(), m_model->shiftOf(columns->track[row]));
    }
    m_details->setText(text);
    Q_EMIT statusText(text);
}

void TimelineView::updateSearchText()
{
    const auto matches = m_spanSearch->matches();
    if (!m_spanSearch->isActive() || !matches) {
        m_search->setResultText({});
        return;
    }
    const QString count = QString::fromStdString(groupedCount(matches->count));
    QString text = matches->count == 1 ? tr("1 span") : tr("%1 spans").arg(count);
    if (matches->allSelfNs > 0) {
        const double percent = 100 * matches->selfNs / matches->allSelfNs;
        text += tr(", %1 % of the self time")
                    .arg(QString::number(percent, percent >= 99.95 ? 'f' : 'g', percent >= 99.95 ? 0 : 3));
    }
    m_search->setResultText(text);
}

void TimelineView::updateReady()
{
    const bool ready = isReady();
    if (ready == m_wasReady)
        return;
    m_wasReady = ready;
    Q_EMIT readyChanged();
}

bool TimelineView::isReady() const
{
    return !m_model->isBusy() && !m_arrows->isRunning() && !m_spanSearch->isRunning()
        && !m_operationSearch->isRunning() && !context()->isFilterPending() && !session()->isLoading();
}

void TimelineView::startSearch() { m_search->activate(); }

void TimelineView::zoomBy(double factor) { m_canvas->zoomBy(factor); }

QString TimelineView::showSql() const
{
    const TimeRange window = m_model->fromAxis(m_canvas->window());
    if (const auto header = m_canvas->focusedHeader()) {
        const items::TimelineRow &row = m_canvas->frame().row(*header);
        if (row.kind == items::TimelineRow::Kind::Series)
            return items::seriesSql(row.seriesId, /*axis*/
                {saturatingSub(window.begin, row.shift), saturatingSub(window.end, row.shift)});
    }
    QString where = QStringLiteral("start_ns < %1 AND start_ns + ifnull(duration_ns, 0) >= %2")
                        .arg(window.end)
                        .arg(window.begin);
    if (const QString narrowed = context()->whereSql(); narrowed != QLatin1String("1"))
        where += QStringLiteral("\n  AND ") + narrowed;
    return QStringLiteral(
               "SELECT id, process, thread, service, instance, lane, operation, start_ns, duration_ns,\n"
               "       self_ns, status\nFROM span WHERE ")
        + where + QStringLiteral("\nORDER BY track_id, lane, start_ns LIMIT 1000;");
}

QJsonObject TimelineView::saveState() const
{
    QJsonObject state = m_model->saveChoices();
    state.insert(QStringLiteral("colour"), m_colour->currentIndex());
    state.insert(QStringLiteral("hideFiltered"), m_hideFiltered->isChecked());
    state.insert(QStringLiteral("header"), m_canvas->headerWidth());
    // As text: JSON numbers are doubles and would move the window by a quarter of a microsecond.
    state.insert(QStringLiteral("begin"), QString::number(m_canvas->window().begin));
    state.insert(QStringLiteral("end"), QString::number(m_canvas->window().end));
    return state;
}

void TimelineView::restoreState(const QJsonObject &state)
{
    m_model->restoreChoices(state);
    m_sort->setCurrentIndex(int(m_model->sort()));
    m_showSeries->setChecked(m_model->showsSeries());
    m_colour->setCurrentIndex(
        std::clamp(state.value(QStringLiteral("colour")).toInt(), 0, m_colour->count() - 1));
    m_hideFiltered->setChecked(state.value(QStringLiteral("hideFiltered")).toBool());
    m_canvas->setHeaderWidth(state.value(QStringLiteral("header")).toInt(220));
    bool isBegin = false;
    bool isEnd = false;
    const TimeRange window{state.value(QStringLiteral("begin")).toString().toLongLong(&isBegin),
        state.value(QStringLiteral("end")).toString().toLongLong(&isEnd)};
    if (isBegin && isEnd && !window.isEmpty())
        m_canvas->restoreWindow(window);
}

} // namespace tailscope::widgets
