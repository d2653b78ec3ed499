// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/sessioncontext.h"
#include "widgets/base/view.h"

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;
class QListWidget;
class QModelIndex;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class CohortModel;
class CohortTable;
struct CohortContent;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class EmptyState;

/// Why are these slow? The slow requests of the range and filter against the rest: what is more frequent
/// among them, where their additional time lies, and traces to open. Keys: Enter on a row filters to it,
/// Enter on an example opens it.
class CohortsView : public View
{
    Q_OBJECT
public:
    explicit CohortsView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }

    items::CohortModel *model() const { return m_model; }
    items::CohortTable *rows() const { return m_rows; }
    QTableView *table() const { return m_table; }
    QListWidget *examples() const { return m_examples; }
    QComboBox *slowBox() const { return m_slow; }
    QComboBox *restBox() const { return m_rest; }
    QString setsText() const; ///< which two sets are compared
    QString answerText() const; ///< what sets the slow ones apart, in one sentence

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void buildBar(QBoxLayout *layout);
    void connectParts();
    void createActions();
    void fillBoxes();
    void slowChosen(int index);
    void restChosen(int index);
    void showContent();
    void showState();
    void showExamples();
    void updateBusy();
    void fitColumns();
    void openExample();
    void filterToRow();
    void showMenu(const QPoint &position);
    void showExampleMenu(const QPoint &position);
    QString setsSentence(const items::CohortContent &content) const;
    QString answerSentence(const items::CohortContent &content) const;

    items::CohortModel *m_model;
    items::CohortTable *m_rows;
    Banner *m_banner;
    QWidget *m_bar;
    QComboBox *m_slow, *m_rest, *m_unit;
    QCheckBox *m_all;
    QLabel *m_sets, *m_answer, *m_busyMark;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    QTableView *m_table;
    QLabel *m_examplesTitle;
    QListWidget *m_examples;
    QList<QAction *> m_actions;
    enum class EmptyAction { None, Open, Reset, EverySpan } m_emptyAction = EmptyAction::None;
    bool m_wasReady = false, m_fitted = false;
};

} // namespace tailscope::widgets
