// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/slo/sloview.h"

#include "analysis/spanfilter.h"
#include "base/text.h"
#include "items/slomodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::SloDefinition;
using items::CellTable;
using items::SloModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

SloView::SloView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new SloModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_objective(new QLineEdit(this))
    , m_limit(new QLineEdit(this))
    , m_scope(new QLineEdit(this))
    , m_window(new QSpinBox(this))
    , m_origin(new QComboBox(this))
    , m_headline(new ElidedLabel(this))
    , m_note(new ElidedLabel(this))
    , m_days(new QTableView(this))
    , m_causes(new QTableView(this))
    , m_operations(new QTableView(this))
    , m_users(new QTableView(this))
    , m_burns(new QTableView(this))
    , m_burn(new PlotView(context(), this))
{
    setAccessibleName(tr("Service Levels"));
    buildLayout();
    connectAll();
    setFocusProxy(m_days);
    refresh();
}

QWidget *SloView::buildForm()
{
    auto *form = new QWidget(this);
    auto *rows = new QVBoxLayout(form);
    rows->setContentsMargins(8, 6, 8, 2);
    auto *first = new QHBoxLayout;
    auto *second = new QHBoxLayout;
    rows->addLayout(first);
    rows->addLayout(second);
    QHBoxLayout *layout = first;
    const auto add = [&](const QString &text, QWidget *field, const QString &toolTip, int width) {
        auto *label = new QLabel(text, form);
        label->setBuddy(field);
        field->setToolTip(toolTip);
        QString name = text;
        field->setAccessibleName(name.remove(QLatin1Char('&')));
        if (width > 0)
            field->setFixedWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * width);
        layout->addWidget(label);
        layout->addWidget(field, width > 0 ? 0 : 1);
    };
    m_window->setRange(1, 3660);
    m_window->setSuffix(tr(" days"));
    m_limit->setPlaceholderText(tr("none"));
    m_scope->setPlaceholderText(tr("all requests as they enter"));
    m_origin->addItem(tr("First that has requests"), -1);
    for (const analysis::SloOrigin origin : analysis::kSloOrigins)
        m_origin->addItem(SloModel::originText(origin), int(origin));
    add(tr("&Objective:"), m_objective,
        tr("Share of good requests, for example 99.95 % or 999/1000; kept exactly"), 12);
    add(tr("Limi&t (ms):"), m_limit,
        tr("A success counts as good up to this duration; equal passes. Empty: every 2xx and 3xx is good."),
        9);
    add(tr("&Window:"), m_window, tr("Rolling, ends with the last request"), 13);
    add(tr("Measured &at:"), m_origin, tr("The edge sees failures that never reach the application"), 30);
    first->addStretch(1);
    layout = second;
    add(tr("O&perations:"), m_scope,
        tr("Filter language, for example service=shop operation~checkout; not applied to counters"), 0);
    return form;
}

QWidget *SloView::section(const QString &title, QWidget *content)
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *label = new QLabel(title, box);
    label->setContentsMargins(8, 4, 8, 4);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    layout->addWidget(label);
    layout->addWidget(content, 1);
    return box;
}

void SloView::setUpTable(QTableView *table, CellTable *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
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
    connect(copy, &QAction::triggered, this, [this, table] { copyRows(table); });
    table->addAction(copy);
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, table->viewport()->mapToGlobal(position)); });
}

void SloView::buildLayout()
{
    setUpTable(m_days, m_model->days(), tr("Days"));
    setUpTable(m_causes, m_model->causes(), tr("Failures by cause"));
    setUpTable(m_operations, m_model->operations(), tr("Operations"));
    setUpTable(m_users, m_model->users(), tr("Users hurt"));
    setUpTable(m_burns, m_model->burns(), tr("Burn alerts"));
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_causes->horizontalHeader()->setStretchLastSection(false);
    m_causes->horizontalHeader()->setSectionResizeMode(SloModel::CauseDetail, QHeaderView::Stretch);
    m_operations->horizontalHeader()->setStretchLastSection(false);
    m_operations->horizontalHeader()->setSectionResizeMode(SloModel::OperationName, QHeaderView::Stretch);
    m_causes->setColumnWidth(SloModel::CauseAfter, 17 * digit);
    m_burns->setColumnWidth(SloModel::BurnWorstAt, 32 * digit);
    m_burns->setColumnWidth(SloModel::BurnWindows, 18 * digit);
    m_operations->setColumnWidth(SloModel::OperationSpent, 16 * digit);

    auto *burn = new QSplitter(Qt::Vertical, this);
    burn->addWidget(m_burn);
    burn->addWidget(m_burns);
    burn->setSizes({240, 110});
    auto *upper = new QSplitter(Qt::Horizontal, this);
    upper->addWidget(section(tr("Failures a day"), m_days));
    upper->addWidget(section(tr("How fast the budget burns"), burn));
    upper->setSizes({560, 680});
    auto *left = new QSplitter(Qt::Vertical, this);
    left->addWidget(section(tr("Failures by cause"), m_causes));
    left->addWidget(section(tr("Requests slower than a percentile"), m_users));
    left->setSizes({200, 150});
    auto *lower = new QSplitter(Qt::Horizontal, this);
    lower->addWidget(left);
    lower->addWidget(section(tr("By operation"), m_operations));
    lower->setSizes({660, 580});
    auto *whole = new QSplitter(Qt::Vertical, this);
    whole->addWidget(upper);
    whole->addWidget(lower);
    whole->setSizes({400, 360});
    for (QSplitter *each : {burn, upper, left, lower, whole})
        each->setChildrenCollapsible(false);

    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildForm());
    m_headline->setContentsMargins(8, 4, 8, 2);
    QFont large = m_headline->font();
    large.setBold(true);
    m_headline->setFont(large);
    m_note->setContentsMargins(8, 0, 8, 4);
    layout->addWidget(m_headline);
    layout->addWidget(m_note);
    layout->addWidget(whole, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void SloView::connectAll()
{
    connect(m_model, &SloModel::changed, this, &SloView::refresh);
    connect(m_model, &SloModel::busyChanged, this, &View::readyChanged);
    connect(session(), &session::Session::markersChanged, this, &SloView::showBurn);
    for (QLineEdit *edit : {m_objective, m_limit, m_scope})
        connect(edit, &QLineEdit::editingFinished, this, &SloView::apply);
    connect(m_window, &QSpinBox::editingFinished, this, &SloView::apply);
    connect(m_origin, &QComboBox::activated, this, &SloView::apply);
    connect(m_days, &QTableView::activated, this, &SloView::narrowToDay);
    connect(m_operations, &QTableView::activated, this, &SloView::narrowToOperation);
    connect(m_burn, &PlotView::rangeSelected, this, [this](double low, double high) {
        if (const auto *of = m_model->result())
            context()->setRange(TimeRange{of->range.begin + Nanos(low), of->range.begin + Nanos(high)});
    });
    connect(m_burn, &PlotView::rangeCleared, this, [this] { context()->setRange(std::nullopt); });
    connect(m_burn, &PlotView::readoutChanged, this, &View::statusText);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (context()->range())
            context()->setRange(std::nullopt);
        else
            Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
}

QString SloView::showSql() const { return m_model->sql(); }

bool SloView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

QString SloView::headline() const { return m_headline->text(); }

void SloView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void SloView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void SloView::showDefinition()
{
    m_filling = true;
    const SloDefinition &of = m_model->definition();
    m_objective->setText(fromUtf8(analysis::objectiveText(of.objective)));
    m_limit->setText(
        of.rule.limit == kUnknownNanos ? QString() : QString::number(double(of.rule.limit) / 1e6, 'g', 12));
    m_window->setValue(of.windowDays);
    m_scope->setText(fromUtf8(of.scope));
    m_origin->setCurrentIndex(m_origin->findData(of.origin ? int(*of.origin) : -1));
    m_filling = false;
}

/// What cannot be read falls back to what holds, and the status line says why.
void SloView::apply()
{
    if (m_filling)
        return;
    SloDefinition definition = m_model->definition();
    const QString objective = m_objective->text().trimmed(), limit = m_limit->text().trimmed();
    const auto parsed = analysis::parseObjective(objective.toStdString());
    std::string decimal = limit.toStdString();
    std::replace(decimal.begin(), decimal.end(), ',', '.');
    const auto ns = parseScaledDecimal(decimal, kNanosPerMilli);
    const auto filter = analysis::parseFilter(m_scope->text().toStdString());
    if (!parsed || (!limit.isEmpty() && (!ns || *ns <= 0)) || !filter) {
        Q_EMIT statusText(!parsed
                ? tr("\"%1\" is no objective: write 99.95 %, 0.9995 or 999/1000").arg(objective)
                : !filter ? fromUtf8(filter.error().toText())
                          : tr("\"%1\" is no limit: write milliseconds, or nothing").arg(limit));
        showDefinition();
        return;
    }
    definition.objective = *parsed;
    definition.rule.limit = limit.isEmpty() ? kUnknownNanos : *ns;
    definition.windowDays = m_window->value();
    definition.scope = m_scope->text().trimmed().toStdString();
    const int origin = m_origin->currentData().toInt();
    definition.origin = origin < 0 ? std::nullopt : std::optional(analysis::SloOrigin(origin));
    if (definition.toText() != m_model->definition().toText())
        m_model->setDefinition(definition);
}

void SloView::refresh()
{
    showDefinition();
    if (!m_model->result()) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    m_headline->setText(m_model->headline());
    m_note->setText(SloModel::originText(m_model->result()->origin) + QStringLiteral(". ") + m_model->note());
    showBurn();
}

void SloView::showEmpty()
{
    if (!m_model->errorText().isEmpty())
        m_empty->setContent(QStringLiteral("critical"), tr("Requests Could Not Be Judged"),
            m_model->errorText());
    else if (!m_model->content())
        m_empty->setContent(QStringLiteral("slo"), tr("Judging Requests…"),
            tr("Counts appear when all requests are read."));
    else if (context()->range())
        m_empty->setContent(QStringLiteral("filter"), tr("No Requests in This Range"),
            tr("No request starts in the chosen time."), tr("Show All Times"));
    else
        m_empty->setContent(QStringLiteral("slo"), tr("No Requests"),
            tr("Open an access log (best: of the edge), traces with HTTP status, a load test, or counters of "
               "requests by status code (http_requests_total{code=…})."),
            tr("Open Files…"));
}

void SloView::showBurn()
{
    const analysis::SloResult *of = m_model->result();
    PlotContent plot;
    plot.title = tr("Burn rate (1 = the budget lasts exactly its window)");
    plot.selectable = true;
    if (of) {
        const double length = double(of->range.length());
        plot.x.unit = PlotUnit::Time;
        plot.x.origin = of->range.begin;
        plot.x.low = 0;
        plot.x.high = length;
        plot.x.title = tr("Time");
        plot.y.unit = PlotUnit::Ratio;
        plot.y.title = tr("Burn rate");
        plot.y.low = 0;
        int color = 0;
        for (const items::SloBurn &burn : m_model->content()->burns) {
            PlotSeries series;
            series.name = fromUtf8(humanDuration(burn.alert.longWindow));
            series.colorIndex = color++;
            // Most a few thousand points reach the screen: the worst of each stretch stands for it.
            const std::size_t n = burn.history.at.size(), step = std::max<std::size_t>(1, n / 4000);
            for (std::size_t i = 0; i < n; i += step) {
                double worst = NAN;
                for (std::size_t k = i; k < std::min(n, i + step); ++k) {
                    const double value = burn.history.longBurn[k];
                    if (!std::isnan(value) && !std::isinf(value))
                        worst = std::isnan(worst) ? value : std::max(worst, value);
                }
                series.x.push_back(double(burn.history.at[i] - of->range.begin));
                series.y.push_back(worst);
            }
            plot.series.push_back(std::move(series));
        }
        PlotSeries one{tr("budget just lasts"), {0, length}, {1, 1}, {}};
        one.colorIndex = 7;
        one.pen = Qt::DashLine;
        plot.series.push_back(std::move(one));
        for (const session::Marker &marker : session()->markers()) {
            if (of->range.contains(marker.tsNs) && plot.marks.size() < 100)
                plot.marks.append(
                    {double(marker.tsNs - of->range.begin), marker.title, marker.detail, true, {}});
        }
    }
    m_burn->setContent(std::move(plot));
}

void SloView::narrowToDay()
{
    const QModelIndex index = m_days->currentIndex();
    const auto *of = m_model->result();
    if (!index.isValid() || !of)
        return;
    const Nanos start = of->days[std::size_t(m_model->days()->idAt(index.row()))].start;
    context()->setRange(TimeRange{start, start + 86'400 * kNanosPerSecond});
}

void SloView::narrowToOperation()
{
    const QModelIndex index = m_operations->currentIndex();
    const auto *of = m_model->result();
    if (!index.isValid() || !of || of->origin == analysis::SloOrigin::Counters)
        return;
    const QString name = fromUtf8(of->operations[std::size_t(m_model->operations()->idAt(index.row()))].name);
    context()->narrow(
        QStringLiteral("operation=\"%1\"")
            .arg(name.section(QStringLiteral(": "), 1).isEmpty() ? name
                                                                 : name.section(QStringLiteral(": "), 1)));
}

void SloView::copyRows(QTableView *table)
{
    QList<int> rows;
    for (const QModelIndex &index : table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < table->model()->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(static_cast<CellTable *>(table->model())->toText(rows));
}

void SloView::showMenu(QTableView *table, const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (table == m_days)
        menu->addAction(tr("&Narrow to This Day"), this, &SloView::narrowToDay)
            ->setEnabled(table->currentIndex().isValid());
    if (table == m_operations)
        menu->addAction(tr("&Narrow to This Operation"), this, &SloView::narrowToOperation)
            ->setEnabled(table->currentIndex().isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this,
        [this, table] { copyRows(table); });
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->sql()); });
    menu->popup(globalPosition);
}

} // namespace tailscope::widgets
