// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/budget/budgeteditor.h"

#include "analysis/budgetmath.h"
#include "base/budgetfile.h"
#include "base/text.h"
#include "items/budgetmodel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTimer>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kPreviewDelayMs = 250;
constexpr BudgetKind kLastKind = BudgetKind::Headroom;

QString utf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString number(std::optional<double> value) { return value ? QString::number(*value, 'g', 12) : QString(); }

/// Empty = nothing; what is no number becomes one that the check refuses.
std::optional<double> parsed(const QString &text)
{
    if (text.trimmed().isEmpty())
        return std::nullopt;
    return parseDouble(text.trimmed().toStdString()).value_or(-1);
}

} // namespace

BudgetEditor::BudgetEditor(items::BudgetModel *model, const Budget &budget, QWidget *parent)
    : QDialog(parent)
    , m_model(model)
    , m_budget(budget)
    , m_name(new QLineEdit(this))
    , m_match(new QLineEdit(this))
    , m_target(new QDoubleSpinBox(this))
    , m_margin(new QDoubleSpinBox(this))
    , m_errors(new QDoubleSpinBox(this))
    , m_percentile(new QComboBox(this))
    , m_hasErrors(new QCheckBox(tr("Failed requests at most"), this))
    , m_table(new QTableWidget(0, ColumnCount, this))
    , m_preview(new QLabel(this))
    , m_sums(new QLabel(this))
    , m_problem(new QLabel(this))
    , m_up(new QPushButton(tr("&Up"), this))
    , m_down(new QPushButton(tr("&Down"), this))
    , m_remove(new QPushButton(tr("&Remove"), this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this))
    , m_timer(new QTimer(this))
{
    setWindowTitle(tr("Budget"));
    buildLayout();
    m_timer->setSingleShot(true);
    m_timer->setInterval(kPreviewDelayMs);
    connect(m_timer, &QTimer::timeout, this, &BudgetEditor::askPreview);
    connect(m_model, &items::BudgetModel::previewReady, this, &BudgetEditor::takePreview);
    connect(m_table, &QTableWidget::itemChanged, this, &BudgetEditor::update);
    connect(m_table, &QTableWidget::currentCellChanged, this, [this] { m_timer->start(); });
    connect(m_name, &QLineEdit::textChanged, this, &BudgetEditor::update);
    connect(m_match, &QLineEdit::textChanged, this, &BudgetEditor::update);
    for (QDoubleSpinBox *box : {m_target, m_margin, m_errors})
        connect(box, &QDoubleSpinBox::valueChanged, this, &BudgetEditor::update);
    connect(m_percentile, &QComboBox::currentTextChanged, this, &BudgetEditor::update);
    connect(m_hasErrors, &QCheckBox::toggled, this, &BudgetEditor::update);
    connect(m_remove, &QPushButton::clicked, this, &BudgetEditor::removeComponent);
    connect(m_up, &QPushButton::clicked, this, [this] { moveComponent(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { moveComponent(1); });
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT saved(this->budget());
        accept();
    });
    fill(budget);
    resize(980, 560);
}

void BudgetEditor::buildLayout()
{
    m_target->setRange(0.001, 1e9);
    m_target->setDecimals(3);
    m_target->setSuffix(tr(" ms"));
    m_margin->setRange(0, 50);
    m_margin->setDecimals(1);
    m_margin->setSuffix(tr(" %"));
    m_errors->setRange(0, 100);
    m_errors->setDecimals(3);
    m_errors->setSuffix(tr(" %"));
    m_percentile->addItems({QStringLiteral("0.5"), QStringLiteral("0.9"), QStringLiteral("0.95"),
        QStringLiteral("0.99"), QStringLiteral("0.999")});
    m_percentile->setEditable(true);
    m_target->setAccessibleName(tr("Target"));
    m_margin->setAccessibleName(tr("Share kept free"));
    m_percentile->setAccessibleName(tr("Percentile"));
    m_name->setAccessibleName(tr("Name of the budget"));
    m_match->setAccessibleName(tr("Which requests"));
    m_match->setPlaceholderText(tr("all requests; for example POST /checkout, or service=shop kind=server"));
    m_table->setAccessibleName(tr("Components"));
    m_table->setHorizontalHeaderLabels({tr("Name"), tr("Matches"), tr("Budget, ms"), tr("Time-out, ms"),
        tr("Group"), tr("Kind"), tr("Least, ms"), tr("Optional")});
    m_table->horizontalHeaderItem(Match)->setToolTip(
        tr("A glob over operations (* and ?), an expression of the filter bar, or series:NAME; several with "
           "\" | \""));
    m_table->horizontalHeaderItem(Group)->setToolTip(
        tr("Components of one group run side by side and count once"));
    m_table->horizontalHeaderItem(LeastMs)->setToolTip(
        tr("The least it can take, for the floor of the request"));
    m_table->horizontalHeader()->setSectionResizeMode(Match, QHeaderView::Stretch);
    m_table->setColumnWidth(Name, 170);
    for (const int column : {int(BudgetMs), int(TimeoutMs), int(LeastMs)})
        m_table->setColumnWidth(column, 96);
    m_table->setColumnWidth(Group, 60);
    m_table->setColumnWidth(Optional, 76);
    m_table->verticalHeader()->hide();
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    for (QLabel *label : {m_preview, m_sums, m_problem}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }

    auto *form = new QFormLayout;
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("Re&quests"), m_match);
    auto *numbers = new QHBoxLayout;
    numbers->addWidget(m_target);
    const auto labelled = [&](const QString &text, QWidget *widget) {
        auto *label = new QLabel(text, this);
        label->setBuddy(widget);
        numbers->addWidget(label);
        numbers->addWidget(widget);
    };
    labelled(tr("at &percentile"), m_percentile);
    labelled(tr("&kept free"), m_margin);
    numbers->addWidget(m_hasErrors);
    numbers->addWidget(m_errors);
    numbers->addStretch(1);
    m_errors->setAccessibleName(m_hasErrors->text());
    form->addRow(tr("&Target"), numbers);

    auto *add = new QPushButton(tr("&Add Component"), this);
    connect(add, &QPushButton::clicked, this, &BudgetEditor::addComponent);
    auto *bar = new QHBoxLayout;
    for (QPushButton *button : {add, m_remove, m_up, m_down}) {
        button->setAutoDefault(false);
        bar->addWidget(button);
    }
    bar->addStretch(1);

    auto *layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_table, 1);
    layout->addLayout(bar);
    layout->addWidget(m_preview);
    layout->addWidget(m_sums);
    layout->addWidget(m_problem);
    layout->addWidget(m_buttons);
}

void BudgetEditor::fill(const Budget &budget)
{
    m_filling = true;
    m_name->setText(utf8(budget.name));
    m_match->setText(utf8(budget.match));
    m_target->setValue(budget.targetMs);
    m_margin->setValue(budget.margin * 100);
    m_percentile->setCurrentText(utf8(budget.percentile));
    m_hasErrors->setChecked(budget.errorLimit.has_value());
    m_errors->setValue(budget.errorLimit.value_or(0.01) * 100);
    m_table->setRowCount(int(budget.components.size()));
    for (int row = 0; row < int(budget.components.size()); ++row)
        setRow(row, budget.components[std::size_t(row)]);
    m_filling = false;
    update();
}

void BudgetEditor::setRow(int row, const BudgetComponent &part)
{
    const bool wasFilling = m_filling;
    m_filling = true;
    const auto put = [&](Column column, const QString &text) {
        auto *item = new QTableWidgetItem(text);
        if (column >= BudgetMs)
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_table->setItem(row, column, item);
    };
    put(Name, utf8(part.name));
    put(Match, utf8(part.match));
    put(BudgetMs, number(part.budgetMs));
    put(TimeoutMs, number(part.timeoutMs));
    put(Group, part.parallelGroup > 0 ? QString::number(part.parallelGroup) : QString());
    put(LeastMs, number(part.floorMs()));
    auto *optional = new QTableWidgetItem;
    optional->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    optional->setCheckState(part.optional ? Qt::Checked : Qt::Unchecked);
    m_table->setItem(row, Optional, optional);
    auto *kind = new QComboBox(m_table);
    kind->setAccessibleName(tr("Kind of the component"));
    for (int i = 0; i <= int(kLastKind); ++i)
        kind->addItem(utf8(name(BudgetKind(i))));
    kind->setCurrentIndex(int(part.kind));
    connect(kind, &QComboBox::currentIndexChanged, this, &BudgetEditor::update);
    m_table->setCellWidget(row, Kind, kind);
    m_filling = wasFilling;
}

BudgetComponent BudgetEditor::rowOf(int row) const
{
    const auto text = [&](Column column) {
        const QTableWidgetItem *item = m_table->item(row, column);
        return item ? item->text() : QString();
    };
    BudgetComponent part;
    part.name = text(Name).trimmed().toStdString();
    part.match = text(Match).trimmed().toStdString();
    part.budgetMs = parsed(text(BudgetMs));
    part.timeoutMs = parsed(text(TimeoutMs));
    part.parallelGroup = int(std::clamp(parsed(text(Group)).value_or(0), -1.0, 1e6));
    part.callMs = parsed(text(LeastMs));
    const QTableWidgetItem *optional = m_table->item(row, Optional);
    part.optional = optional && optional->checkState() == Qt::Checked;
    if (const auto *kind = qobject_cast<QComboBox *>(m_table->cellWidget(row, Kind)))
        part.kind = BudgetKind(std::max(0, kind->currentIndex()));
    return part;
}

Budget BudgetEditor::budget() const
{
    Budget budget = m_budget;
    budget.name = m_name->text().trimmed().toStdString();
    budget.match = m_match->text().trimmed().toStdString();
    budget.targetMs = m_target->value();
    budget.margin = m_margin->value() / 100;
    budget.percentile = m_percentile->currentText().trimmed().toStdString();
    budget.errorLimit = m_hasErrors->isChecked() ? std::optional(m_errors->value() / 100) : std::nullopt;
    budget.components.clear();
    for (int row = 0; row < m_table->rowCount(); ++row)
        budget.components.push_back(rowOf(row));
    return budget;
}

void BudgetEditor::addComponent()
{
    BudgetComponent part;
    part.name = tr("New component").toStdString();
    part.budgetMs = 10;
    const int row = m_table->currentRow() < 0 ? m_table->rowCount() : m_table->currentRow() + 1;
    m_table->insertRow(row);
    setRow(row, part);
    m_table->setCurrentCell(row, Name);
    update();
}

void BudgetEditor::removeComponent()
{
    if (m_table->currentRow() >= 0)
        m_table->removeRow(m_table->currentRow());
    update();
}

void BudgetEditor::moveComponent(int step)
{
    const int row = m_table->currentRow(), to = row + step;
    if (row < 0 || to < 0 || to >= m_table->rowCount())
        return;
    const BudgetComponent moved = rowOf(row), other = rowOf(to);
    setRow(row, other);
    setRow(to, moved);
    m_table->setCurrentCell(to, m_table->currentColumn());
    update();
}

void BudgetEditor::update()
{
    if (m_filling)
        return;
    const Budget now = budget();
    m_errors->setEnabled(m_hasErrors->isChecked());
    m_remove->setEnabled(m_table->currentRow() >= 0);
    m_up->setEnabled(m_table->currentRow() > 0);
    m_down->setEnabled(m_table->currentRow() >= 0 && m_table->currentRow() + 1 < m_table->rowCount());
    const analysis::BudgetSums sums = analysis::plannedSums(now);
    const double working = analysis::workingBudget(now.targetMs, now.margin).value_or(now.targetMs);
    const auto ms = [](double value) { return utf8(humanMillis(value)); };
    QString text = tr("Plain sum %1, critical path %2, working budget %3")
                       .arg(ms(sums.plain), ms(sums.path), ms(working));
    if (sums.path > working)
        text += tr(": %1 over").arg(ms(sums.path - working));
    m_sums->setText(text);
    const QString problem = QString::fromStdString(budgetProblem(now));
    m_problem->setText(problem.isEmpty() ? QString() : tr("Not yet: %1").arg(problem));
    m_problem->setVisible(!problem.isEmpty());
    m_buttons->button(QDialogButtonBox::Save)->setEnabled(problem.isEmpty());
    m_timer->start();
}

void BudgetEditor::askPreview()
{
    const int row = m_table->currentRow();
    const QString pattern
        = m_match->hasFocus() || row < 0 ? m_match->text() : QString::fromStdString(rowOf(row).match);
    if (pattern.isEmpty())
        m_preview->setText(m_match->hasFocus() || row < 0 ? tr("Requests: every root of a trace")
                                                          : tr("No pattern: nothing is measured"));
    else
        m_model->preview(pattern);
}

void BudgetEditor::takePreview(const QString &pattern, const QString &text, bool isBad)
{
    m_preview->setText(
        isBad ? tr("%1 cannot be read: %2").arg(pattern, text) : tr("%1 matches %2").arg(pattern, text));
}

QString BudgetEditor::previewText() const { return m_preview->text(); }

QString BudgetEditor::sumsText() const { return m_sums->text(); }

} // namespace tailscope::widgets
