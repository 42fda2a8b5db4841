//! The variables of a notebook between cells, as evcxr's generated code uses them.
//!
//! What does not depend on a variable's type is compiled here, once, rather than in every cell.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// The variables by name.
#[derive(Default)]
pub struct VariableStore {
    variables: HashMap<String, Box<dyn Any>>,
}

impl VariableStore {
    /// A store without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores a variable.
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, Box::new(value));
    }

    /// Whether a variable, if it is there, has this type; if not, it is lost, and the engine is told.
    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        match self.get(name) {
            Some(value) if !value.is::<T>() => {
                type_changed(name);
                false
            }
            _ => true,
        }
    }

    /// Takes a variable out.
    ///
    /// # Panics
    /// When it is not there or has another type, which [`check_variable`](Self::check_variable) has excluded.
    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        match self.take(name).downcast() {
            Ok(value) => *value,
            Err(_) => panic!("the variable `{name}` has another type than before"),
        }
    }

    /// A value that is made once and shared.
    ///
    /// # Panics
    /// When the name stands for another type.
    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> Arc<T> {
        let value = match self.variables.entry(name.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Box::new(Arc::new(create()))),
        };
        match value.downcast_ref::<Arc<T>>() {
            Some(value) => Arc::clone(value),
            None => panic!("`{name}` has another type than before"),
        }
    }

    /// Takes over all variables of another store.
    pub fn merge(&mut self, other: Self) {
        self.variables.extend(other.variables);
    }

    fn put(&mut self, name: &str, value: Box<dyn Any>) {
        self.variables.insert(name.to_owned(), value);
    }

    fn get(&self, name: &str) -> Option<&dyn Any> {
        self.variables.get(name).map(|value| &**value)
    }

    fn take(&mut self, name: &str) -> Box<dyn Any> {
        match self.variables.remove(name) {
            Some(value) => value,
            None => panic!("the variable `{name}` is gone"),
        }
    }
}

/// A store that the generated code owns through a pointer.
pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::default())
}

fn type_changed(name: &str) {
    eprintln!("The type of the variable {name} was redefined, so it is lost.");
    crate::control_line(&format!("EVCXR_VARIABLE_CHANGED_TYPE:{name}"));
}
