// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/findings/rulesettingsview.h"

#include "items/rulesettingsmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QDesktopServices>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::CellTable;
using items::RuleSettingsModel;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

void appendPart(QString &html, const QString &title, const std::string &text)
{
    if (!text.empty())
        html += QStringLiteral("<h4>%1</h4><p>%2</p>")
                    .arg(title,
                        fromUtf8(text).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

} // namespace

RuleSettingsView::RuleSettingsView(session::Session *session, QWidget *parent, RuleSettingsModel *model)
    : View(session, parent)
    , m_model(model ? model : new RuleSettingsModel(session))
    , m_banner(new Banner(this))
    , m_note(new ElidedLabel(this))
    , m_search(new SearchBar(this))
    , m_rules(new QTableView(this))
    , m_thresholds(new QTableView(this))
    , m_text(new QTextBrowser(this))
    , m_mute(new QCheckBox(tr("&Mute this rule"), this))
    , m_reset(new QPushButton(tr("&Reset to Defaults"), this))
    , m_copy(new QPushButton(tr("Copy as &My Rule"), this))
    , m_folder(new QPushButton(tr("&Open Rules Folder"), this))
{
    m_model->setParent(this);
    setAccessibleName(tr("Rules"));
    buildLayout();
    connectAll();
    setFocusProxy(m_rules);
    refresh();
    showCurrent();
}

void RuleSettingsView::setUpTable(QTableView *table, const QString &name)
{
    table->setItemDelegate(new BarDelegate(CellTable::BarRole, CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
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
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, position); });
}

QWidget *RuleSettingsView::buildSide()
{
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setAccessibleName(tr("What the rule says"));
    m_text->setOpenLinks(false);
    m_mute->setToolTip(tr("A muted rule is not evaluated, in no workspace, until it is unmuted"));
    m_reset->setToolTip(tr("Takes back everything you changed about this rule"));
    m_copy->setToolTip(
        tr("Copies the file of this rule into your folder, where it takes the place of the built-in one"));
    m_folder->setToolTip(tr("The folder in which rules of your own lie"));
    auto *buttons = new QWidget(this);
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins(8, 4, 8, 4);
    row->addWidget(m_mute);
    row->addStretch();
    for (QPushButton *button : {m_reset, m_copy, m_folder})
        row->addWidget(button);
    auto *parts = new QSplitter(Qt::Vertical, this);
    parts->addWidget(m_thresholds);
    parts->addWidget(m_text);
    parts->setSizes({180, 300});
    parts->setChildrenCollapsible(false);
    auto *side = new QWidget(this);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buttons);
    layout->addWidget(parts, 1);
    return side;
}

void RuleSettingsView::buildLayout()
{
    m_rules->setModel(m_model->rules());
    m_thresholds->setModel(m_model->thresholds());
    setUpTable(m_rules, tr("Rules"));
    setUpTable(m_thresholds, tr("Thresholds of the chosen rule"));
    m_thresholds->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed
        | QAbstractItemView::AnyKeyPressed);
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->addWidget(m_rules);
    splitter->addWidget(buildSide());
    splitter->setSizes({960, 600});
    splitter->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    m_note->setContentsMargins(8, 4, 8, 4);
    layout->addWidget(m_note);
    m_search->hide();
    layout->addWidget(m_search);
    layout->addWidget(splitter, 1);
}

void RuleSettingsView::connectAll()
{
    connect(m_model, &RuleSettingsModel::changed, this, &RuleSettingsView::refresh);
    connect(m_model, &RuleSettingsModel::currentChanged, this, &RuleSettingsView::showCurrent);
    connect(m_model, &RuleSettingsModel::busyChanged, this, &View::readyChanged);
    connect(m_model, &RuleSettingsModel::copied, this,
        [this](const QString &path) { Q_EMIT statusText(tr("Copied to %1").arg(path)); });
    connect(m_rules->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (index.isValid())
                m_model->choose(m_model->rules()->idAt(index.row()));
        });
    connect(m_mute, &QCheckBox::clicked, m_model, &RuleSettingsModel::setMuted);
    connect(m_reset, &QPushButton::clicked, m_model, &RuleSettingsModel::resetRule);
    connect(m_copy, &QPushButton::clicked, m_model, &RuleSettingsModel::copyToUser);
    connect(m_folder, &QPushButton::clicked, this, &RuleSettingsView::openFolder);
    connect(m_search, &SearchBar::changed, this, [this] { m_model->setSearch(m_search->text()); });
    connect(m_search, &SearchBar::closed, this, [this] {
        m_model->setSearch({});
        m_rules->setFocus();
    });
    m_rules->setSortingEnabled(true);
    m_rules->sortByColumn(RuleSettingsModel::Id, Qt::AscendingOrder);
}

QString RuleSettingsView::showSql() const { return RuleSettingsModel::sql(); }

QString RuleSettingsView::commandLine() const { return QStringLiteral("tailscope rules --format json"); }

bool RuleSettingsView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void RuleSettingsView::startSearch() { m_search->activate(); }

void RuleSettingsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void RuleSettingsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void RuleSettingsView::refresh()
{
    if (m_model->errorText().isEmpty())
        m_banner->clear();
    else
        m_banner->show(Banner::Level::Warning, m_model->errorText());
    const int changes = m_model->changedRules();
    m_note->setText(tr("%n rule(s)", nullptr, m_model->rules()->rowCount())
        + (changes > 0 ? tr(" · %1 changed by you").arg(changes) : QString())
        + tr(" · changes apply to every workspace and to the command line"));
    // The rows are new: stay on the rule.
    const advisor::Rule *rule = m_model->current();
    for (int row = 0; rule && row < m_model->rules()->rowCount(); ++row) {
        if (m_model->rules()->index(row, RuleSettingsModel::Id).data().toString() == fromUtf8(rule->id))
            m_rules->selectRow(row);
    }
    if (!rule && m_model->rules()->rowCount() > 0)
        m_rules->selectRow(0);
    if (m_fitted || m_model->rules()->rowCount() == 0)
        return;
    m_fitted = true;
    m_rules->resizeColumnsToContents();
    m_rules->setColumnWidth(RuleSettingsModel::Id,
        std::min(m_rules->columnWidth(RuleSettingsModel::Id), 230));
    m_rules->setColumnWidth(RuleSettingsModel::Title, 210);
    m_rules->setColumnWidth(RuleSettingsModel::State,
        std::min(m_rules->columnWidth(RuleSettingsModel::State), 190));
}

void RuleSettingsView::showCurrent()
{
    const advisor::Rule *rule = m_model->current();
    for (QWidget *widget :
        {static_cast<QWidget *>(m_mute), static_cast<QWidget *>(m_reset), static_cast<QWidget *>(m_copy)})
        widget->setEnabled(rule != nullptr);
    if (!rule) {
        m_text->setPlainText(tr("Choose a rule to see its thresholds."));
        return;
    }
    const bool isChanged = rule->muted
        || std::any_of(rule->thresholds.begin(), rule->thresholds.end(),
            [](const advisor::Threshold &t) { return t.value != t.standard; });
    m_mute->setChecked(rule->muted);
    m_reset->setEnabled(isChanged);
    m_copy->setEnabled(!m_model->isFromUser(*rule));
    QString html = QStringLiteral("<h3>%1</h3><p>%2</p>")
                       .arg(fromUtf8(rule->title).toHtmlEscaped(), fromUtf8(rule->id));
    QStringList needs;
    for (const std::string &need : rule->needs)
        needs << fromUtf8(need);
    appendPart(html, tr("Silent When"), rule->quiet);
    appendPart(html, tr("Needs"), needs.join(QStringLiteral(", ")).toStdString());
    appendPart(html, tr("Cause"), rule->cause);
    appendPart(html, tr("Fix"), rule->fix);
    appendPart(html, tr("Proof"), rule->proof);
    appendPart(html, tr("What May Get Worse"), rule->risk);
    appendPart(html, tr("Tempting but Wrong"), rule->refuse);
    appendPart(html, tr("File"), rule->file);
    m_text->setHtml(html);
    m_thresholds->resizeColumnsToContents();
}

void RuleSettingsView::resetCurrentThreshold()
{
    const QModelIndex index = m_thresholds->currentIndex();
    if (index.isValid())
        m_model->resetThreshold(
            index.siblingAtColumn(RuleSettingsModel::Name).data().toString().toStdString());
}

void RuleSettingsView::openFolder()
{
    const QString folder = QString::fromStdString(m_model->userFolder().string());
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        Q_EMIT statusText(tr("Rules of your own lie in %1").arg(folder));
}

void RuleSettingsView::showMenu(QTableView *table, const QPoint &position)
{
    const advisor::Rule *rule = m_model->current();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (table == m_thresholds) {
        const QModelIndex value = table->currentIndex().siblingAtColumn(RuleSettingsModel::Value);
        menu->addAction(tr("&Change…"), this, [table, value] { table->edit(value); })
            ->setEnabled(value.isValid());
        menu->addAction(tr("&Reset to Default"), this, &RuleSettingsView::resetCurrentThreshold)
            ->setEnabled(value.isValid());
    } else if (rule) {
        menu->addAction(rule->muted ? tr("Un&mute") : tr("&Mute"), this,
            [this, muted = rule->muted] { m_model->setMuted(!muted); });
        menu->addAction(tr("Copy as M&y Rule"), m_model, &RuleSettingsModel::copyToUser)
            ->setEnabled(!m_model->isFromUser(*rule));
    }
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Table"), this, [table] {
        QList<int> rows;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            rows << row;
        QApplication::clipboard()->setText(static_cast<CellTable *>(table->model())->toText(rows));
    });
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(table->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
