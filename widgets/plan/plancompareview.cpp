// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plancompareview.h"

#include "items/plancomparemodel.h"
#include "session/savedplancommand.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedcombobox.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::PlanCompareModel;
using Kind = analysis::NodePair::Kind;

namespace {

/// Cells over the colour of what happened to the row's nodes; the first column says it in words too.
class PairDelegate : public BarDelegate
{
public:
    explicit PairDelegate(QObject *parent)
        : BarDelegate(PlanCompareModel::BarRole, PlanCompareModel::LevelRole, parent)
    {}
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const auto kind = Kind(index.data(PlanCompareModel::KindRole).toInt());
        if (kind != Kind::Same && !(option.state & QStyle::State_Selected)) {
            const Theme theme(option.palette);
            QColor fill = kind == Kind::Added ? theme.diverging(-0.8)
                : kind == Kind::Removed       ? theme.diverging(0.8)
                                              : theme.info();
            fill.setAlpha(kind == Kind::Changed ? (theme.isDark() ? 40 : 22) : (theme.isDark() ? 90 : 60));
            painter->fillRect(option.rect, fill);
        }
        BarDelegate::paint(painter, option, index);
    }
};

QLabel *wrappedLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

PlanCompareView::PlanCompareView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new PlanCompareModel(session, this))
    , m_banner(new Banner(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_content(new QWidget(this))
    , m_first(new ElidedComboBox(m_content))
    , m_second(new ElidedComboBox(m_content))
    , m_swap(new QToolButton(m_content))
    , m_only(new QCheckBox(tr("Only &differences"), m_content))
    , m_sentence(wrappedLabel(m_content))
    , m_factors(wrappedLabel(m_content))
    , m_search(new SearchBar(m_content))
    , m_table(new QTableView(m_content))
{
    setAccessibleName(tr("Comparison of two plans"));
    createActions();
    buildLayout();
    connectParts();
    fillBoxes();
    showContent();
}

void PlanCompareView::createActions()
{
    const auto add = [this](const QString &icon, const QString &text, auto run) {
        auto *action = new QAction(icon.isEmpty() ? QIcon() : themedIcon(icon), text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    add(QStringLiteral("copy"), tr("Copy Comparison as Text"),
        [this] { QApplication::clipboard()->setText(m_model->toText()); });
    auto *swap = add({}, tr("Swap Plans"), [this] { m_model->swap(); });
    swap->setToolTip(tr("Plan A becomes plan B"));
    m_swap->setDefaultAction(swap);
    m_save = add(QStringLiteral("bookmark"), tr("Save Plan A as Fast Plan"), [this] { saveBaseline(); });
    m_save->setToolTip(tr("Later plans of the statement are compared with it, here and by the rules"));
    auto *copyRow = new QAction(tr("Copy Row"), m_table);
    copyRow->setShortcut(QKeySequence::Copy);
    copyRow->setShortcutContext(Qt::WidgetShortcut);
    connect(copyRow, &QAction::triggered, this,
        [this] { QApplication::clipboard()->setText(m_model->rowText(m_table->currentIndex().row())); });
    m_table->addAction(copyRow);
}

void PlanCompareView::buildLayout()
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_banner);
    outer->addWidget(m_stack, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_content);

    auto *layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(6, 4, 6, 4);
    top->setSpacing(4);
    auto *boxes = new QHBoxLayout;
    const auto addBox = [&](const QString &text, QComboBox *box, const QString &name) {
        auto *label = new QLabel(text, m_content);
        label->setBuddy(box);
        box->setAccessibleName(name);
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(20);
        boxes->addWidget(label);
        boxes->addWidget(box, 1);
    };
    addBox(tr("&A:"), m_first, tr("Plan A"));
    m_swap->setFocusPolicy(Qt::TabFocus);
    m_swap->setAccessibleName(tr("Swap plans"));
    boxes->addWidget(m_swap);
    addBox(tr("&B:"), m_second, tr("Plan B"));
    m_only->setToolTip(tr("Hide nodes that are the same in both plans"));
    m_only->setAccessibleName(tr("Only differences"));
    boxes->addWidget(m_only);
    top->addLayout(boxes);
    QFont strong = m_sentence->font();
    strong.setBold(true);
    m_sentence->setFont(strong);
    m_factors->setToolTip(
        tr("Factors are A / B of the whole plan. Costs are the planner's units, never a time."));
    top->addWidget(m_sentence);
    top->addWidget(m_factors);
    layout->addLayout(top);
    m_search->hide();
    layout->addWidget(m_search);
    layout->addWidget(m_table, 1);

    m_table->setModel(m_model);
    m_table->setItemDelegate(new PairDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Nodes of both plans"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionsMovable(true);
    // Figures stay in view in a narrow window; what changed has the rest.
    m_table->horizontalHeader()->moveSection(PlanCompareModel::What, PlanCompareModel::ColumnCount - 1);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setFocusProxy(m_table);
    setTabOrder(m_first, m_swap);
    setTabOrder(m_swap, m_second);
    setTabOrder(m_second, m_only);
    setTabOrder(m_only, m_table);
}

void PlanCompareView::connectParts()
{
    connect(m_model, &PlanCompareModel::entriesChanged, this, &PlanCompareView::fillBoxes);
    connect(m_model, &PlanCompareModel::changed, this, &PlanCompareView::showContent);
    const auto choose = [this] {
        m_model->setPlans(m_first->currentData().toLongLong(), m_second->currentData().toLongLong());
    };
    connect(m_first, &QComboBox::activated, this, choose);
    connect(m_second, &QComboBox::activated, this, choose);
    connect(m_only, &QCheckBox::toggled, m_model, &PlanCompareModel::setOnlyDifferences);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        shareNode(index);
        Q_EMIT openViewRequested(QStringLiteral("plan"));
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (index.isValid() && !visibleRegion().isEmpty()) // docks behind others are "visible"
                Q_EMIT statusText(index.siblingAtColumn(PlanCompareModel::What)
                                      .data(Qt::ToolTipRole)
                                      .toString()
                                      .replace(QLatin1Char('\n'), QStringLiteral(" · ")));
        });
    connect(m_table, &QWidget::customContextMenuRequested, this, &PlanCompareView::showMenu);
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, m_table, qOverload<>(&QWidget::setFocus));
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("paste"), {}); });
}

void PlanCompareView::fillBoxes()
{
    // Plans of the statement that is compared come first.
    qint64 statement = 0;
    for (const items::PlanEntry &entry : m_model->entries()) {
        if (entry.id == m_model->planB())
            statement = entry.statementId;
    }
    QList<items::PlanEntry> ordered = m_model->entries();
    std::stable_partition(ordered.begin(), ordered.end(), [statement](const items::PlanEntry &entry) {
        return statement > 0 && entry.statementId == statement;
    });
    for (QComboBox *box : {m_first, m_second}) {
        box->clear();
        for (const items::PlanEntry &entry : std::as_const(ordered)) {
            box->addItem(entry.label(), entry.id);
            box->setItemData(box->count() - 1, entry.label() + QLatin1Char('\n') + entry.statement,
                Qt::ToolTipRole);
        }
    }
    m_first->setCurrentIndex(m_first->findData(m_model->planA()));
    m_second->setCurrentIndex(m_second->findData(m_model->planB()));
}

void PlanCompareView::showContent()
{
    const auto content = m_model->content();
    if (m_first->currentData().toLongLong() != m_model->planA()
        || m_second->currentData().toLongLong() != m_model->planB())
        fillBoxes();
    m_sentence->setText(m_model->sentence());
    m_factors->setText(m_model->factors());
    const QString problem = m_model->error().isEmpty() ? m_model->warning() : m_model->error();
    if (problem.isEmpty())
        m_banner->clear();
    else
        m_banner->show(m_model->error().isEmpty() ? Banner::Level::Info : Banner::Level::Warning, problem);
    m_save->setEnabled(content && !content->a.savedGood);
    if (m_model->rowCount() > 0) {
        fitColumns();
        if (!m_table->currentIndex().isValid())
            m_table->selectRow(0);
    }
    showState();
    Q_EMIT readyChanged();
}

void PlanCompareView::showState()
{
    const auto plans = m_model->entries().size();
    if (plans == 0)
        m_empty->setContent(QStringLiteral("compare"), tr("No Plan Yet"),
            tr("Open files with EXPLAIN output of PostgreSQL, or a server log with auto_explain: two plans "
               "of one "
               "statement are compared node by node. Copied plans are taken by Paste Plan or Data "
               "(Ctrl+Shift+V)."),
            tr("Paste Plan"));
    else
        m_empty->setContent(QStringLiteral("compare"), tr("Only One Plan"),
            tr("Open or paste a second plan of the statement, for example from before the change or after "
               "creating "
               "an index."),
            tr("Paste Plan"));
    m_stack->setCurrentWidget(plans < 2 ? static_cast<QWidget *>(m_empty) : m_content);
}

void PlanCompareView::fitColumns()
{
    for (int c = 0; c < PlanCompareModel::ColumnCount; ++c)
        m_table->setColumnHidden(c, !m_model->hasColumn(c));
    m_table->resizeColumnsToContents();
    for (const int c : {int(PlanCompareModel::NodeA), int(PlanCompareModel::NodeB)})
        m_table->setColumnWidth(c, std::clamp(m_table->columnWidth(c), 120, 330));
    m_table->setColumnWidth(PlanCompareModel::What,
        std::clamp(m_table->columnWidth(PlanCompareModel::What), 120, 420));
}

void PlanCompareView::shareNode(const QModelIndex &index)
{
    const qint64 node = index.data(PlanCompareModel::NodeIdRole).toLongLong();
    if (node > 0)
        context()->setSelection({session::Selection::Kind::PlanNode, node, {}});
}

void PlanCompareView::saveBaseline()
{
    if (const auto content = m_model->content())
        session::saveFastPlan(session(), content->a.id, true);
}

void PlanCompareView::search(int direction)
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const QRegularExpression pattern = m_search->expression();
    QList<int> found;
    qsizetype at = -1;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (!pattern.match(m_model->rowText(row)).hasMatch())
            continue;
        if (row == m_table->currentIndex().row())
            at = found.size();
        found << row;
    }
    m_search->setResultText(found.size() == 1 ? tr("1 match") : tr("%1 matches").arg(found.size()));
    if (!found.isEmpty())
        m_table->selectRow(found.at(((at < 0 ? 0 : at + direction) + found.size()) % found.size()));
}

void PlanCompareView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_table->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("plan")), tr("&Show Node in Its Plan"), this,
            [this, index = QPersistentModelIndex(index)] {
                shareNode(index);
                Q_EMIT openViewRequested(QStringLiteral("plan"));
            })
        ->setEnabled(index.isValid());
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Row"), this,
            [this, row = index.row()] { QApplication::clipboard()->setText(m_model->rowText(row)); })
        ->setEnabled(index.isValid());
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

QString PlanCompareView::showSql() const { return m_model->sql(); }

bool PlanCompareView::isReady() const { return !m_model->isRunning(); }

QList<QAction *> PlanCompareView::viewActions() const { return m_actions; }

void PlanCompareView::startSearch() { m_search->activate(); }

QJsonObject PlanCompareView::saveState() const
{
    QJsonObject state;
    if (m_model->planA() > 0 && m_model->planB() > 0)
        state = {{QStringLiteral("a"), m_model->planA()}, {QStringLiteral("b"), m_model->planB()}};
    if (m_model->isOnlyDifferences())
        state.insert(QStringLiteral("only_differences"), true);
    return state;
}

void PlanCompareView::restoreState(const QJsonObject &state)
{
    const qint64 a = state.value(QStringLiteral("a")).toInteger();
    const qint64 b = state.value(QStringLiteral("b")).toInteger();
    if (a > 0 && b > 0)
        m_model->setPlans(a, b);
    m_only->setChecked(state.value(QStringLiteral("only_differences")).toBool());
}

} // namespace tailscope::widgets
