/** The name of the database inside the data folder. */
export const DATABASE_FILE = 'keyfence.db'
