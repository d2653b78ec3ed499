// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/replication/replicationview.h"

#include "base/text.h"
#include "items/liverefresh.h"
#include "items/replicamodel.h"
#include "session/session.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/replication/replicainputs.h"

#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

#include <cmath>

namespace tailscope::widgets {

using analysis::ReplicaPoint;
using items::ReplicaModel;

namespace {

constexpr int kMaxMarks = 60;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

double orGap(const std::optional<std::int64_t> &bytes) { return bytes ? double(*bytes) : std::nan(""); }

PlotSeries series(const QString &name, int color)
{
    PlotSeries out;
    out.name = name;
    out.colorIndex = color;
    return out;
}

} // namespace

ReplicationView::ReplicationView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new ReplicaModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_note(new ElidedLabel(this))
    , m_replicas(new CellTableView(m_model->replicas(), tr("Replicas"), this))
    , m_episodes(new CellTableView(m_model->episodes(), tr("Episodes of the chosen replica"), this))
    , m_lag(new PlotView(session->context(), this))
    , m_stages(new PlotView(session->context(), this))
    , m_pages(new QTabWidget(this))
    , m_readerInputs(new ReplicaInputs(m_model, ReplicaInputs::Page::Readers, this))
    , m_commitInputs(new ReplicaInputs(m_model, ReplicaInputs::Page::Commits, this))
    , m_commitText(new QLabel(this))
{
    setAccessibleName(tr("Replication"));
    buildPages();
    buildLayout();
    connectAll();
    setFocusProxy(m_replicas);
    refresh();
}

void ReplicationView::buildPages()
{
    const auto beside = [this](QWidget *inputs, QWidget *table, QLabel *text) {
        auto *page = new QWidget(this);
        auto *layout = new QHBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(inputs);
        auto *right = new QVBoxLayout;
        right->addWidget(table, 1);
        if (text) {
            text->setWordWrap(true);
            text->setContentsMargins(8, 0, 8, 6);
            text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
            right->addWidget(text);
        }
        layout->addLayout(right, 1);
        return page;
    };
    const auto table = [this](items::CellTable *cells, const QString &name) {
        auto *view = new CellTableView(cells, name, this);
        connect(view, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
        return view;
    };
    m_commitText->setAccessibleName(tr("What the list of standbys means"));
    m_pages->setAccessibleName(tr("More about the chosen replica"));
    m_pages->setDocumentMode(true);
    m_pages->addTab(m_episodes, tr("Episodes"));
    m_pages->addTab(beside(m_readerInputs, table(m_model->readers(), tr("What readers would see")), nullptr),
        tr("Stale Reads"));
    m_pages->addTab(beside(m_commitInputs, table(m_model->commits(), tr("Wait of a commit by level")),
                        m_commitText),
        tr("Commit Wait"));
    m_pages->addTab(table(m_model->slotTable(), tr("Replication slots")), tr("Slots"));
    m_pages->addTab(table(m_model->ranks(), tr("Candidates for a promotion")), tr("Promotion"));
}

void ReplicationView::buildLayout()
{
    m_note->setContentsMargins(8, 4, 8, 4);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    for (QWidget *part : {static_cast<QWidget *>(m_replicas), static_cast<QWidget *>(m_lag),
             static_cast<QWidget *>(m_stages), static_cast<QWidget *>(m_pages)})
        splitter->addWidget(part);
    splitter->setSizes({120, 260, 220, 230});
    splitter->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(m_note);
    layout->addWidget(splitter, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void ReplicationView::connectPlot(PlotView *plot)
{
    connect(plot, &PlotView::rangeSelected, this, [this](double low, double high) {
        context()->setRange(TimeRange{saturatingAdd(origin(), Nanos(std::floor(low))),
            saturatingAdd(origin(), Nanos(std::ceil(high)))});
    });
    connect(plot, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(plot, &PlotView::readoutChanged, this, &View::statusText);
    PlotView *other = plot == m_lag ? m_stages : m_lag;
    connect(plot, &PlotView::cursorMoved, this,
        [other](std::optional<double> x) { other->canvas()->setCursorX(x); });
}

void ReplicationView::connectAll()
{
    connect(m_model, &ReplicaModel::changed, this, &ReplicationView::refresh);
    connect(m_model, &ReplicaModel::chosenChanged, this, &ReplicationView::showChosen);
    connect(m_model, &ReplicaModel::busyChanged, this, &View::readyChanged);
    connect(session(), &session::Session::markersChanged, this, &ReplicationView::showChosen);
    connect(m_replicas, &CellTableView::currentIdChanged, this, [this](qint64 id) {
        if (id < 0)
            return;
        m_model->choose(int(id));
        if (const items::ReplicaLane *lane = m_model->lane())
            context()->setSelection(
                {session::Selection::Kind::Replica, qint64(lane->server.value_or(0)), fromUtf8(lane->name)});
    });
    connect(m_replicas, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_episodes, &CellTableView::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_episodes, &QTableView::activated, this, &ReplicationView::narrowToEpisode);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto overview = m_model->overview();
        if (overview && overview->all > 0)
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(context(), &session::SessionContext::selectionChanged, this, &ReplicationView::followSelection);
    connectPlot(m_lag);
    connectPlot(m_stages);
}

/// What another view chose, a finding for example.
void ReplicationView::followSelection()
{
    const session::Selection selection = context()->selection();
    const auto overview = m_model->overview();
    if (selection.kind != session::Selection::Kind::Replica || !overview)
        return;
    for (std::size_t i = 0; i < overview->lanes.size(); ++i) {
        const items::ReplicaLane &lane = overview->lanes[i];
        if (fromUtf8(lane.name) == selection.text
            && (selection.id == 0 || lane.server.value_or(0) == selection.id))
            return m_replicas->selectId(qint64(i));
    }
}

QString ReplicationView::showSql() const { return m_model->sql(); }

QJsonObject ReplicationView::saveState() const
{
    return {{QStringLiteral("page"), m_pages->currentIndex()},
        {QStringLiteral("readers"), m_readerInputs->saveState()},
        {QStringLiteral("commits"), m_commitInputs->saveState()}};
}

void ReplicationView::restoreState(const QJsonObject &state)
{
    m_pages->setCurrentIndex(state.value(QStringLiteral("page")).toInt());
    m_readerInputs->restoreState(state.value(QStringLiteral("readers")).toObject());
    m_commitInputs->restoreState(state.value(QStringLiteral("commits")).toObject());
}

bool ReplicationView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void ReplicationView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void ReplicationView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

Nanos ReplicationView::origin() const
{
    const items::ReplicaLane *lane = m_model->lane();
    if (const auto range = items::shownRange(*session()))
        return range->begin;
    return lane && !lane->points.empty() ? lane->points.front().ts : 0;
}

void ReplicationView::refresh()
{
    const auto overview = m_model->overview();
    if (!overview || (overview->lanes.empty() && overview->slotStates.empty())) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    QStringList primaries;
    for (const std::string &name : overview->primaries)
        primaries << fromUtf8(name);
    if (primaries.size() > 1)
        m_banner->show(Banner::Level::Critical,
            tr("Two primaries of one cluster: %1 all accept writes. Stop one before anything else; a lag "
               "between them means nothing.")
                .arg(primaries.join(QStringLiteral(", "))));
    else
        m_banner->clear();
    followSelection();
    {
        // Nobody chose it: the shared selection stays as it is.
        const QSignalBlocker blocker(m_replicas);
        m_replicas->selectId(m_model->chosen());
    }
    showChosen();
}

void ReplicationView::showEmpty()
{
    const auto overview = m_model->overview();
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("The Replicas Could Not Be Read"),
            m_model->errorText());
    else if (!overview)
        m_empty->setContent(QStringLiteral("replication"), tr("Reading the Replicas…"),
            tr("The verdicts follow at once."));
    else if (overview->all == 0)
        m_empty->setContent(QStringLiteral("replication"), tr("No Replicas"),
            tr("Open snapshots of pg_stat_replication (psql --csv, with now() and pg_current_wal_lsn() as "
               "columns, repeated"
               " by \\watch), of a standby's pg_stat_wal_receiver and pg_last_wal_replay_lsn(), of "
               "pg_replication_slots, or"
               " metrics of postgres_exporter or Patroni. pg_stat_activity of the replica names the session "
               "that holds it up."),
            tr("Open Files…"));
    else
        m_empty->setContent(QStringLiteral("filter"), tr("No Sample in This Range"),
            tr("There are %1 samples of replicas, none of them in the chosen time.")
                .arg(fromUtf8(groupedCount(overview->all))),
            tr("Show All Times"));
}

void ReplicationView::showChosen()
{
    showLag();
    showStages();
    const int margin = std::max(m_lag->canvas()->wantedLeftMargin(), m_stages->canvas()->wantedLeftMargin());
    m_lag->canvas()->setLeftMargin(margin);
    m_stages->canvas()->setLeftMargin(margin);
    m_commitText->setText(m_model->commitText());
    const items::ReplicaLane *lane = m_model->lane();
    if (!lane)
        return m_note->setText({});
    const analysis::LagVerdict &whole = lane->whole;
    const auto ms = [](const std::optional<double> &value) {
        return value ? fromUtf8(humanMillis(*value)) : tr("unknown");
    };
    QStringList parts{tr("%1: P50 %2, P95 %3, P99 %4, at most %5 (nearest rank, %6 samples)")
                          .arg(fromUtf8(lane->name), ms(whole.p50Ms), ms(whole.p95Ms), ms(whole.p99Ms),
                              ms(whole.maxMs), fromUtf8(groupedCount(whole.n)))};
    if (whole.unknown > 0)
        parts << tr("%1 without a known lag").arg(fromUtf8(groupedCount(whole.unknown)));
    if (whole.switches > 0)
        parts << tr("a position went backwards %1 times: another timeline").arg(whole.switches);
    if (whole.correlation)
        parts << tr("correlation with the other replicas %1").arg(*whole.correlation, 0, 'f', 2);
    m_note->setText(parts.join(QStringLiteral(" · ")));
}

void ReplicationView::addMarks(PlotContent &content, Nanos begin, Nanos end) const
{
    for (const session::Marker &marker : session()->markers()) {
        if (marker.tsNs < begin || marker.tsNs > end || content.marks.size() >= kMaxMarks)
            continue;
        const QString title = marker.title.isEmpty() ? marker.detail : marker.title;
        content.marks.append({double(marker.tsNs - begin), marker.kind,
            QStringLiteral("%1 %2: %3").arg(context()->timeText(marker.tsNs), marker.kind, title), true,
            std::nullopt});
    }
}

void ReplicationView::showLag()
{
    PlotContent content;
    content.title = tr("Lag");
    content.selectable = true;
    content.labelsX = false;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    content.x.origin = origin();
    content.y.unit = PlotUnit::Duration;
    content.y.title = tr("Lag");
    content.y.low = 0;
    const items::ReplicaLane *lane = m_model->lane();
    if (lane) {
        PlotSeries lag = series(tr("lag"), 1), raw = series(tr("age of the last replayed commit"), 7);
        raw.pen = Qt::DotLine;
        lag.maxGap = raw.maxGap = 5.0 * double(std::max<Nanos>(lane->step, 1))
            * double(lane->whole.n + lane->whole.unknown)
            / double(std::max<std::size_t>(1, lane->points.size()));
        bool anyRaw = false;
        double most = 0;
        for (const ReplicaPoint &point : lane->points) {
            lag.x.push_back(double(point.ts - content.x.origin));
            lag.y.push_back(point.lag.ms * 1e6);
            raw.x.push_back(lag.x.back());
            raw.y.push_back(point.rawAgeMs * 1e6);
            anyRaw = anyRaw || !std::isnan(point.rawAgeMs);
            most = std::fmax(most, std::fmax(point.lag.ms, point.rawAgeMs));
        }
        const Nanos end = lane->points.back().ts;
        content.series = {lag};
        if (anyRaw)
            content.series.push_back(raw);
        // The alert lines, where they are in sight.
        for (const auto &[ms, name] : {std::pair(10'000.0, tr("alert 10 s")), {60'000.0, tr("page 60 s")}}) {
            if (most < ms / 4)
                continue;
            PlotSeries line = series(name, ms > 20'000 ? 5 : 4);
            line.pen = Qt::DashLine;
            line.x = {lag.x.front(), lag.x.back()};
            line.y = {ms * 1e6, ms * 1e6};
            content.series.push_back(line);
        }
        for (const analysis::LagVerdict &episode : lane->episodes) {
            const auto mark = [&](const std::optional<Nanos> &at, double ms, const QString &label) {
                if (at && content.marks.size() < kMaxMarks)
                    content.marks.append({double(*at - content.x.origin), label,
                        tr("%1 at %2").arg(label, context()->timeText(*at)), false, ms * 1e6});
            };
            mark(episode.over10s, 10'000, tr("10 s"));
            mark(episode.over60s, 60'000, tr("60 s"));
            if (episode.verdict != "idle")
                mark(episode.maxAt, episode.maxMs.value_or(0),
                    fromUtf8(humanMillis(episode.maxMs.value_or(0))));
        }
        addMarks(content, content.x.origin, end);
    }
    m_lag->setContent(std::move(content));
}

void ReplicationView::showStages()
{
    PlotContent content;
    content.title = tr("Bytes behind, stage on stage");
    content.selectable = true;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    content.x.origin = origin();
    content.y.unit = PlotUnit::Bytes;
    content.y.title = tr("Behind");
    content.y.low = 0;
    if (const items::ReplicaLane *lane = m_model->lane()) {
        PlotSeries stages[]{series(tr("not sent"), 5), series(tr("not written"), 4),
            series(tr("not flushed"), 2), series(tr("not replayed"), 0)};
        for (const ReplicaPoint &point : lane->points) {
            double sum = 0;
            const std::optional<std::int64_t> parts[]{point.bytes.unsent, point.bytes.unwritten,
                point.bytes.unflushed, point.bytes.unreplayed};
            const bool known = point.bytes.known().has_value();
            for (std::size_t i = 0; i < 4; ++i) {
                sum += std::isnan(orGap(parts[i])) ? 0 : orGap(parts[i]);
                stages[i].x.push_back(double(point.ts - content.x.origin));
                stages[i].y.push_back(known ? sum : std::nan(""));
                stages[i].filled = true;
            }
        }
        for (PlotSeries &stage : stages)
            content.series.push_back(std::move(stage));
        const auto points = std::make_shared<std::vector<ReplicaPoint>>(lane->points);
        content.note = [points, begin = content.x.origin](double x) {
            const Nanos ts = begin + Nanos(x);
            auto at = std::lower_bound(points->begin(), points->end(), ts,
                [](const ReplicaPoint &p, Nanos when) { return p.ts < when; });
            if (at == points->end())
                return QString();
            const auto part = [](const std::optional<std::int64_t> &value) {
                return value ? fromUtf8(humanBytes(std::uint64_t(*value))) : tr("unknown");
            };
            return tr("single stages: %1 not sent, %2 not written, %3 not flushed, %4 not replayed%5")
                .arg(part(at->bytes.unsent), part(at->bytes.unwritten), part(at->bytes.unflushed),
                    part(at->bytes.unreplayed), at->paused ? tr("; paused") : QString());
        };
    }
    m_stages->setContent(std::move(content));
}

void ReplicationView::narrowToEpisode()
{
    const items::ReplicaLane *lane = m_model->lane();
    const qint64 id = m_episodes->currentId();
    if (lane && id >= 0 && id < qint64(lane->episodes.size()))
        context()->setRange(
            TimeRange{lane->episodes[std::size_t(id)].start, lane->episodes[std::size_t(id)].end + 1});
}

} // namespace tailscope::widgets
